use super::{
    Check, Test, arn::ArnTest, binary::BinaryTest, boolean::BooleanTest, date::DateTest,
    ip::IpTest, numeric::NumericTest, order::Order, string::StringTest,
};
use crate::Malformed;

/// An operator with its prefix and suffix taken apart.
pub(super) struct Operator {
    pub(super) qualifier: Qualifier,
    pub(super) if_exists: bool,
    negated: bool,
    family: Family,
}

/// How many values of a multivalued key must match.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Qualifier {
    /// No prefix.
    Single,
    /// `ForAllValues:`
    All,
    /// `ForAnyValue:`
    Any,
}

#[derive(Clone, Copy)]
enum Family {
    StringEquals,
    StringEqualsIgnoreCase,
    StringLike,
    Numeric(Order),
    Date(Order),
    Bool,
    Binary,
    Ip,
    Arn,
    Null,
}

impl Operator {
    pub(super) fn parse(name: &str, place: &str) -> Result<Self, Malformed> {
        let refuse = || Malformed::new(place, format!("Invalid Condition type : {name}."));
        let (qualifier, rest) = match name.split_once(':') {
            None => (Qualifier::Single, name),
            Some(("ForAllValues", rest)) => (Qualifier::All, rest),
            Some(("ForAnyValue", rest)) => (Qualifier::Any, rest),
            Some(_) => return Err(refuse()),
        };
        let (base, if_exists) = match rest.strip_suffix("IfExists") {
            Some(base) => (base, true),
            None => (rest, false),
        };
        let (family, negated) = family(base).ok_or_else(refuse)?;
        if matches!(family, Family::Null) && (if_exists || qualifier != Qualifier::Single) {
            return Err(refuse());
        }
        Ok(Self { qualifier, if_exists, negated, family })
    }

    pub(super) fn check(
        &self,
        values: &[String],
        variables: bool,
        place: &str,
    ) -> Result<Check, Malformed> {
        let test: Box<dyn Test> = match self.family {
            Family::StringEquals => Box::new(StringTest::equals(values, variables, place)?),
            Family::StringEqualsIgnoreCase => {
                Box::new(StringTest::ignoring_case(values, variables, place)?)
            }
            Family::StringLike => Box::new(StringTest::like(values, variables, place)?),
            Family::Numeric(order) => Box::new(NumericTest::parse(order, values, place)?),
            Family::Date(order) => Box::new(DateTest::parse(order, values, place)?),
            Family::Bool => Box::new(BooleanTest::parse(values, place)?),
            Family::Binary => Box::new(BinaryTest::parse(values, place)?),
            Family::Ip => Box::new(IpTest::parse(values, place)?),
            Family::Arn => Box::new(ArnTest::parse(values, variables, place)?),
            Family::Null => return Ok(Check::Absent(BooleanTest::parse(values, place)?.into())),
        };
        Ok(Check::Test { negated: self.negated, test })
    }
}

fn family(name: &str) -> Option<(Family, bool)> {
    Some(match name {
        "StringEquals" => (Family::StringEquals, false),
        "StringNotEquals" => (Family::StringEquals, true),
        "StringEqualsIgnoreCase" => (Family::StringEqualsIgnoreCase, false),
        "StringNotEqualsIgnoreCase" => (Family::StringEqualsIgnoreCase, true),
        "StringLike" => (Family::StringLike, false),
        "StringNotLike" => (Family::StringLike, true),
        "Bool" => (Family::Bool, false),
        "BinaryEquals" => (Family::Binary, false),
        "IpAddress" => (Family::Ip, false),
        "NotIpAddress" => (Family::Ip, true),
        "ArnEquals" | "ArnLike" => (Family::Arn, false),
        "ArnNotEquals" | "ArnNotLike" => (Family::Arn, true),
        "Null" => (Family::Null, false),
        _ => return ordered(name),
    })
}

fn ordered(name: &str) -> Option<(Family, bool)> {
    if let Some(order) = name.strip_prefix("Numeric") {
        Order::parse(order).map(|(order, negated)| (Family::Numeric(order), negated))
    } else {
        let order = name.strip_prefix("Date")?;
        Order::parse(order).map(|(order, negated)| (Family::Date(order), negated))
    }
}
