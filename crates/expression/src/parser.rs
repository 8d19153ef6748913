//! The parser: recursive descent over the tokens, bounded in depth and in operators.

mod condition;
mod update;

pub(crate) use condition::condition;
pub(crate) use update::update;

use crate::{
    error::Problem,
    lexer::{self, Token},
    limits,
    syntax::{RawElement, RawFunction, RawOperand, RawPath},
};
use std::ops::Range;

/// Operands within operands, by parentheses and calls: the bound of the recursion.
const MAX_NESTING: usize = 100;

struct Parser<'s> {
    source: &'s str,
    tokens: Vec<(Token, Range<usize>)>,
    at: usize,
    operators: usize,
    nesting: usize,
    /// Positions of the parentheses that were closed last.
    group: Option<(usize, usize)>,
    redundant: bool,
}

impl<'s> Parser<'s> {
    fn new(source: &'s str) -> Result<Self, Problem> {
        if source.is_empty() {
            return Err(Problem::Empty);
        }
        if source.len() > limits::MAX_EXPRESSION_BYTES {
            return Err(Problem::TooLong(source.len()));
        }
        let tokens = lexer::tokens(source);
        Ok(Self { source, tokens, at: 0, operators: 0, nesting: 0, group: None, redundant: false })
    }

    fn token(&self) -> Token {
        self.tokens[self.at].0
    }

    fn text(&self) -> &'s str {
        &self.source[self.tokens[self.at].1.clone()]
    }

    /// The text of the current token; goes on to the next. Stays at the end.
    fn take(&mut self) -> &'s str {
        let text = self.text();
        if self.token() != Token::End {
            self.at += 1;
        }
        text
    }

    fn is(&self, symbol: &str) -> bool {
        self.token() == Token::Symbol && self.text() == symbol
    }

    fn accept(&mut self, symbol: &str) -> bool {
        let found = self.is(symbol);
        if found {
            self.at += 1;
        }
        found
    }

    fn expect(&mut self, symbol: &str) -> Result<(), Problem> {
        if self.accept(symbol) { Ok(()) } else { Err(self.unexpected()) }
    }

    fn is_keyword(&self, keyword: &str) -> bool {
        self.token() == Token::Word && self.text().eq_ignore_ascii_case(keyword)
    }

    fn accept_keyword(&mut self, keyword: &str) -> bool {
        let found = self.is_keyword(keyword);
        if found {
            self.at += 1;
        }
        found
    }

    /// The error about the current token, with the text from the token before it to the one after.
    fn unexpected(&self) -> Problem {
        let token = match self.token() {
            Token::End => "<EOF>",
            _ => self.text(),
        };
        let start = self.tokens[self.at.saturating_sub(1)].1.start;
        let last = (self.at + 1).min(self.tokens.len() - 1);
        let end = match self.tokens[last] {
            (Token::End, _) => self.tokens[last.saturating_sub(1)].1.end,
            (_, ref span) => span.end,
        };
        let near = self.source.get(start..end.max(start)).unwrap_or_default();
        Problem::Syntax { token: token.to_owned(), near: near.to_owned() }
    }

    fn count_operator(&mut self) -> Result<(), Problem> {
        self.operators += 1;
        if self.operators > limits::MAX_OPERATORS {
            return Err(Problem::TooManyOperators(self.operators));
        }
        Ok(())
    }

    /// Goes one level down into an operand; [`Parser::leave`] comes back.
    fn enter(&mut self) -> Result<(), Problem> {
        self.nesting += 1;
        if self.nesting > MAX_NESTING {
            return Err(Problem::NestedTooDeep(self.nesting));
        }
        Ok(())
    }

    fn leave(&mut self) {
        self.nesting -= 1;
    }

    /// Closes the parenthesis that was opened at `start`, and notes whether there is nothing but
    /// another one in it.
    fn close_group(&mut self, start: usize) -> Result<(), Problem> {
        let end = self.at;
        self.expect(")")?;
        self.redundant |= self.group == Some((start + 1, end.wrapping_sub(1)));
        self.group = Some((start, end));
        Ok(())
    }

    /// `name`, `#name`, each with `.name` and `[0]` behind it. `keywords` may not stand bare.
    fn path(&mut self, keywords: &[&str]) -> Result<RawPath, Problem> {
        let mut path = RawPath(vec![self.name(keywords)?]);
        self.path_rest(&mut path, keywords)?;
        Ok(path)
    }

    fn path_rest(&mut self, path: &mut RawPath, keywords: &[&str]) -> Result<(), Problem> {
        loop {
            if self.accept(".") {
                path.0.push(self.name(keywords)?);
            } else if self.accept("[") {
                if self.token() != Token::Index {
                    return Err(self.unexpected());
                }
                path.0.push(RawElement::Index(self.take().to_owned()));
                self.expect("]")?;
            } else {
                return Ok(());
            }
        }
    }

    fn name(&mut self, keywords: &[&str]) -> Result<RawElement, Problem> {
        match self.token() {
            Token::Word if !keywords.iter().any(|keyword| self.is_keyword(keyword)) => {
                Ok(RawElement::Word(self.take().to_owned()))
            }
            Token::Name => Ok(RawElement::Placeholder(self.take().to_owned())),
            _ => Err(self.unexpected()),
        }
    }

    /// A value, path or function without parentheses around it. `argument` reads the arguments.
    fn plain_operand(
        &mut self,
        keywords: &[&str],
        argument: fn(&mut Self) -> Result<RawOperand, Problem>,
    ) -> Result<RawOperand, Problem> {
        if self.token() == Token::Value {
            return Ok(RawOperand::Value(self.take().to_owned()));
        }
        let called = self.tokens.get(self.at + 1).is_some_and(|(token, span)| {
            *token == Token::Symbol && &self.source[span.clone()] == "("
        });
        if !called || self.token() != Token::Word {
            return Ok(RawOperand::Path(self.path(keywords)?));
        }
        if keywords.iter().any(|keyword| self.is_keyword(keyword)) {
            return Err(self.unexpected());
        }
        self.count_operator()?;
        let name = self.take().to_owned();
        self.expect("(")?;
        self.enter()?;
        let arguments = self.list(argument)?;
        self.leave();
        self.expect(")")?;
        Ok(RawOperand::Function(RawFunction { name, arguments }))
    }

    /// One or more of something, with commas between.
    fn list<T>(
        &mut self,
        element: impl Fn(&mut Self) -> Result<T, Problem>,
    ) -> Result<Vec<T>, Problem> {
        let mut list = vec![element(self)?];
        while self.accept(",") {
            list.push(element(self)?);
        }
        Ok(list)
    }

    fn expect_end(&self) -> Result<(), Problem> {
        if self.token() == Token::End { Ok(()) } else { Err(self.unexpected()) }
    }
}

/// The paths of a projection.
pub(crate) fn projection(source: &str) -> Result<Vec<RawPath>, Problem> {
    let mut parser = Parser::new(source)?;
    let paths = parser.list(|parser| parser.path(&[]))?;
    parser.expect_end()?;
    Ok(paths)
}
