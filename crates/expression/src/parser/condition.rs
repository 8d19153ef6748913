//! Conditions. The levels of parentheses are kept on a stack of our own and not on the thread's,
//! because a text of 4 KB can open more of them than a small stack has room for.

use super::Parser;
use crate::{
    error::Problem,
    limits,
    syntax::{Operator, RawCondition, RawLeaf, RawOperand},
};

const KEYWORDS: &[&str] = &["AND", "OR", "NOT", "BETWEEN", "IN"];

/// Levels of parentheses around conditions. An expression without redundant ones has an operator
/// on each level, so the limit of operators comes first.
const MAX_LEVELS: usize = limits::MAX_OPERATORS;

/// A condition as written.
pub(crate) struct ParsedCondition {
    pub(crate) condition: RawCondition,
    /// Whether somewhere two parentheses stand around one thing.
    pub(crate) redundant: bool,
}

/// Parses a condition.
pub(crate) fn condition(source: &str) -> Result<ParsedCondition, Problem> {
    let mut tokens = Parser::new(source)?;
    let mut levels = vec![Level::default()];
    'term: loop {
        if levels.len() > MAX_LEVELS {
            return Err(Problem::RedundantParentheses);
        }
        let level = levels.last_mut().expect("the outermost level stays until the end");
        while tokens.accept_keyword("NOT") {
            tokens.count_operator()?;
            level.negations += 1;
        }
        if tokens.is("(") {
            let start = tokens.at;
            tokens.take();
            levels.push(Level { start, ..Level::default() });
            continue;
        }
        let mut node = Node::Operand(tokens.plain_operand(KEYWORDS, operand)?);
        loop {
            let inside = levels.len() > 1;
            let level = levels.last_mut().expect("the outermost level stays until the end");
            node = compared(node, inside, &mut tokens)?;
            if tokens.is_keyword("AND") || tokens.is_keyword("OR") {
                level.end_term(node, &tokens)?;
                if tokens.take().eq_ignore_ascii_case("OR") {
                    level.end_alternative();
                }
                tokens.count_operator()?;
                continue 'term;
            }
            if !inside {
                let outermost = std::mem::take(level).end(node, &tokens)?;
                tokens.expect_end()?;
                let condition = whole(outermost, &tokens)?;
                return Ok(ParsedCondition { condition, redundant: tokens.redundant });
            }
            let group = levels.pop().expect("there are two levels or more");
            let start = group.start;
            node = group.end(node, &tokens)?;
            tokens.close_group(start)?;
            if let Node::Operand(RawOperand::Path(path)) = &mut node {
                tokens.path_rest(path, KEYWORDS)?;
            }
        }
    }
}

/// What stands at a place: a parenthesis may hold a condition or an operand, and a function may be
/// either, so it is known only from what follows.
enum Node {
    Condition(RawCondition),
    Operand(RawOperand),
}

/// Takes a node for a condition; only a function among the operands is one.
fn whole(node: Node, tokens: &Parser<'_>) -> Result<RawCondition, Problem> {
    match node {
        Node::Condition(condition) => Ok(condition),
        Node::Operand(RawOperand::Function(function)) => {
            Ok(RawCondition::Leaf(RawLeaf::Function(function)))
        }
        Node::Operand(_) => Err(tokens.unexpected()),
    }
}

/// What was read of the text between two parentheses, or of the whole.
#[derive(Default)]
struct Level {
    /// Where its parenthesis is.
    start: usize,
    /// The alternatives before the last `OR`.
    alternatives: Vec<RawCondition>,
    /// The terms of this alternative before the last `AND`.
    terms: Vec<RawCondition>,
    /// How often `NOT` stands before the next term.
    negations: usize,
}

impl Level {
    fn end_term(&mut self, node: Node, tokens: &Parser<'_>) -> Result<(), Problem> {
        let mut term = whole(node, tokens)?;
        // Two negations are none; the two are kept to be seen, the hundred are not.
        let kept = if self.negations > 2 { 2 - self.negations % 2 } else { self.negations };
        for _ in 0..kept {
            term = RawCondition::Not(Box::new(term));
        }
        self.negations = 0;
        self.terms.push(term);
        Ok(())
    }

    fn end_alternative(&mut self) {
        let terms = std::mem::take(&mut self.terms);
        self.alternatives.push(joined(terms, RawCondition::And));
    }

    /// The level as a whole: a lone operand stays one.
    fn end(mut self, last: Node, tokens: &Parser<'_>) -> Result<Node, Problem> {
        let alone = self.alternatives.is_empty() && self.terms.is_empty() && self.negations == 0;
        if alone {
            return Ok(last);
        }
        self.end_term(last, tokens)?;
        self.end_alternative();
        Ok(Node::Condition(joined(self.alternatives, RawCondition::Or)))
    }
}

fn joined(
    mut parts: Vec<RawCondition>,
    join: fn(Vec<RawCondition>) -> RawCondition,
) -> RawCondition {
    match parts.pop() {
        Some(only) if parts.is_empty() => only,
        last => {
            parts.extend(last);
            join(parts)
        }
    }
}

/// Goes on behind an operand: with an operator and its other operands, or with nothing if the
/// operand is a function or alone in parentheses.
fn compared(node: Node, inside: bool, tokens: &mut Parser<'_>) -> Result<Node, Problem> {
    let left = match node {
        Node::Operand(operand) => operand,
        condition @ Node::Condition(_) => return Ok(condition),
    };
    if let Some(operator) = Operator::comparator(tokens.text()) {
        tokens.take();
        tokens.count_operator()?;
        let right = operand(tokens)?;
        return Ok(leaf(operator, vec![left, right]));
    }
    if tokens.accept_keyword("BETWEEN") {
        tokens.count_operator()?;
        let lower = operand(tokens)?;
        if !tokens.accept_keyword("AND") {
            return Err(tokens.unexpected());
        }
        let upper = operand(tokens)?;
        return Ok(leaf(Operator::Between, vec![left, lower, upper]));
    }
    if tokens.accept_keyword("IN") {
        tokens.count_operator()?;
        return members(left, tokens);
    }
    let alone = inside && tokens.is(")");
    if alone || matches!(left, RawOperand::Function(_)) {
        Ok(Node::Operand(left))
    } else {
        Err(tokens.unexpected())
    }
}

fn members(left: RawOperand, tokens: &mut Parser<'_>) -> Result<Node, Problem> {
    tokens.expect("(")?;
    let mut operands = vec![left];
    operands.extend(tokens.list(operand)?);
    tokens.expect(")")?;
    let members = operands.len() - 1;
    if members > limits::MAX_IN_OPERANDS {
        return Err(Problem::TooManyInOperands(members));
    }
    Ok(leaf(Operator::In, operands))
}

/// An operand, with or without parentheses. Those of a call do not count as such: `f((a))` is not
/// redundant, `f(((a)))` is.
fn operand(tokens: &mut Parser<'_>) -> Result<RawOperand, Problem> {
    if !tokens.is("(") {
        return tokens.plain_operand(KEYWORDS, operand);
    }
    let start = tokens.at;
    tokens.take();
    tokens.enter()?;
    let mut inner = operand(tokens)?;
    tokens.leave();
    tokens.close_group(start)?;
    if let RawOperand::Path(path) = &mut inner {
        tokens.path_rest(path, KEYWORDS)?;
    }
    Ok(inner)
}

fn leaf(operator: Operator, operands: Vec<RawOperand>) -> Node {
    Node::Condition(RawCondition::Leaf(RawLeaf::Operator(operator, operands)))
}
