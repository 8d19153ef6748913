use super::Parser;
use crate::{
    error::Problem,
    lexer::Token,
    syntax::{Clause, RawAction, RawOperand, RawSetValue, RawUpdate},
};

const KEYWORDS: &[&str] = &["SET", "REMOVE", "ADD", "DELETE"];

/// Parses an update.
pub(crate) fn update(source: &str) -> Result<RawUpdate, Problem> {
    let mut tokens = Parser::new(source)?;
    let mut update = RawUpdate { sections: Vec::new(), actions: Vec::new() };
    loop {
        let clause = Clause::ALL.into_iter().find(|clause| tokens.accept_keyword(clause.name()));
        let clause = clause.ok_or_else(|| tokens.unexpected())?;
        update.sections.push(clause);
        update.actions.extend(tokens.list(|tokens| action(tokens, clause))?);
        if tokens.token() == Token::End {
            return Ok(update);
        }
    }
}

fn action(tokens: &mut Parser<'_>, clause: Clause) -> Result<RawAction, Problem> {
    let path = tokens.path(KEYWORDS)?;
    let value = match clause {
        Clause::Remove => None,
        Clause::Set => {
            tokens.expect("=")?;
            Some(set_value(tokens)?)
        }
        Clause::Add | Clause::Delete => {
            if tokens.token() != Token::Value {
                return Err(tokens.unexpected());
            }
            Some(RawSetValue::Operand(RawOperand::Value(tokens.take().to_owned())))
        }
    };
    Ok(RawAction { clause, path, value })
}

/// One operand, or the sum or difference of two; each and the whole may stand in parentheses.
fn set_value(tokens: &mut Parser<'_>) -> Result<RawSetValue, Problem> {
    let first = if tokens.accept("(") {
        tokens.enter()?;
        let inner = set_value(tokens)?;
        tokens.leave();
        tokens.expect(")")?;
        match inner {
            RawSetValue::Operand(operand) => operand,
            sum => return Ok(sum),
        }
    } else {
        tokens.plain_operand(KEYWORDS, operand)?
    };
    if tokens.accept("+") {
        tokens.count_operator()?;
        return Ok(RawSetValue::Sum(first, operand(tokens)?));
    }
    if tokens.accept("-") {
        tokens.count_operator()?;
        return Ok(RawSetValue::Difference(first, operand(tokens)?));
    }
    Ok(RawSetValue::Operand(first))
}

fn operand(tokens: &mut Parser<'_>) -> Result<RawOperand, Problem> {
    if !tokens.accept("(") {
        return tokens.plain_operand(KEYWORDS, operand);
    }
    tokens.enter()?;
    let inner = operand(tokens)?;
    tokens.leave();
    tokens.expect(")")?;
    Ok(inner)
}
