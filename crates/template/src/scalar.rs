//! What an unquoted YAML scalar means. CloudFormation reads YAML 1.1, with two exceptions: a date
//! stays text, and so does a base-60 number (`12:30`), which no template means as one.

use serde_json::Number;

use crate::node::Data;

/// The data of a plain scalar.
pub(crate) fn resolve(text: &str) -> Data {
    match text {
        "" | "~" | "null" | "Null" | "NULL" => return Data::Null,
        "true" | "True" | "TRUE" | "yes" | "Yes" | "YES" | "on" | "On" | "ON" => {
            return Data::Bool(true);
        }
        "false" | "False" | "FALSE" | "no" | "No" | "NO" | "off" | "Off" | "OFF" => {
            return Data::Bool(false);
        }
        _ => {}
    }
    match integer(text).or_else(|| float(text)) {
        Some(number) => Data::Number(number),
        None => Data::String(text.to_owned()),
    }
}

fn integer(text: &str) -> Option<Number> {
    let (negative, digits) = match text.as_bytes().first()? {
        b'-' => (true, &text[1..]),
        b'+' => (false, &text[1..]),
        _ => (false, text),
    };
    if !digits.as_bytes().first()?.is_ascii_digit() {
        return None;
    }
    let plain = digits.replace('_', "");
    let magnitude = if let Some(rest) = plain.strip_prefix("0x") {
        u64::from_str_radix(rest, 16)
    } else if let Some(rest) = plain.strip_prefix("0b") {
        u64::from_str_radix(rest, 2)
    } else if plain.len() > 1 && plain.starts_with('0') {
        u64::from_str_radix(&plain[1..], 8)
    } else {
        plain.parse()
    };
    let magnitude = magnitude.ok()?;
    if !negative {
        return Some(magnitude.into());
    }
    i64::try_from(magnitude).ok().map(|value| Number::from(-value))
}

fn float(text: &str) -> Option<Number> {
    let unsigned = text.trim_start_matches(['-', '+']);
    let starts_well = unsigned.as_bytes().first().is_some_and(u8::is_ascii_digit)
        || unsigned
            .strip_prefix('.')
            .is_some_and(|rest| rest.starts_with(|c: char| c.is_ascii_digit()));
    if !starts_well || !text.contains('.') {
        return None;
    }
    Number::from_f64(text.replace('_', "").parse().ok()?)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn plain_scalars_follow_yaml_1_1_but_dates_and_times_stay_text() {
        let cases = [
            ("yes", Data::Bool(true)),
            ("Off", Data::Bool(false)),
            ("~", Data::Null),
            ("12", Data::Number(12.into())),
            ("-3", Data::Number((-3).into())),
            ("0755", Data::Number(493.into())),
            ("0x1F", Data::Number(31.into())),
            ("1_000", Data::Number(1000.into())),
            ("012389", Data::String("012389".into())),
            ("2010-09-09", Data::String("2010-09-09".into())),
            ("12:30", Data::String("12:30".into())),
            ("1.5", Data::Number(Number::from_f64(1.5).unwrap())),
            ("python3.14", Data::String("python3.14".into())),
            ("y", Data::String("y".into())),
            ("1.2.3", Data::String("1.2.3".into())),
            (
                "123456789012345678901234567890",
                Data::String("123456789012345678901234567890".into()),
            ),
        ];
        for (text, data) in cases {
            assert_eq!(resolve(text), data, "{text}");
        }
    }
}
