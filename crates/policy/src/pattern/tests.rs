use super::*;
use proptest::prelude::*;

const ALL: Syntax = Syntax { wildcards: true, variables: true };

fn parse(text: &str) -> Pattern {
    Pattern::parse(text, ALL, "here").unwrap()
}

fn matches(pattern: &str, text: &str) -> bool {
    parse(pattern).matches(text, &Context::new()).unwrap()
}

#[test]
fn wildcards_match_as_documented() {
    for (pattern, text) in [
        ("*", ""),
        ("*", "anything"),
        ("a*", "a"),
        ("a*c", "abc"),
        ("a*c", "ac"),
        ("a**c", "abbc"),
        ("*b*", "abc"),
        ("a?c", "abc"),
        ("?", "ä"),
        ("*a*b*c", "xaxbxxc"),
        ("a*bc", "abcbc"),
        ("", ""),
    ] {
        assert!(matches(pattern, text), "{pattern} {text}");
    }
    for (pattern, text) in [
        ("", "a"),
        ("a", ""),
        ("a?", "a"),
        ("?", ""),
        ("a*c", "acd"),
        ("*b", "abc"),
        ("a*b*a", "aba!"),
    ] {
        assert!(!matches(pattern, text), "{pattern} {text}");
    }
}

#[test]
fn many_wildcards_stay_fast() {
    let pattern = "*a".repeat(1000) + "b";
    assert!(!matches(&pattern, &"a".repeat(2000)));
}

#[test]
fn a_variable_stands_for_its_value_literally() {
    let mut context = Context::new();
    context.set("aws:username", "j*e");
    let pattern = parse("home/${aws:UserName}/*");
    assert_eq!(pattern.matches("home/j*e/x", &context), Some(true));
    assert_eq!(pattern.matches("home/jane/x", &context), Some(false));
    assert_eq!(pattern.resolve(&context).as_deref(), Some("home/j*e/*"));
}

#[test]
fn a_variable_without_value_has_its_default_or_nothing() {
    let context = Context::new();
    assert_eq!(parse("${aws:PrincipalTag/team, 'none'}").matches("none", &context), Some(true));
    assert_eq!(parse("a${aws:username}").matches("a", &context), None);
    let mut context = Context::new();
    context.set_all("aws:TagKeys", ["a".to_owned()]);
    assert_eq!(parse("${aws:TagKeys}").matches("a", &context), None);
}

#[test]
fn escaped_wildcards_are_characters() {
    assert!(matches("a${*}b", "a*b"));
    assert!(!matches("a${*}b", "axb"));
    assert!(matches("${?}${$}", "?$"));
}

#[test]
fn broken_variables_are_refused() {
    for bad in ["${aws:username", "${username}", "${aws:a, none}", "${}", "${aws:${x}}"] {
        assert!(Pattern::parse(bad, ALL, "here").is_err(), "{bad}");
    }
}

#[test]
fn an_old_document_has_no_variables() {
    let pattern = Pattern::parse("${aws:username}", Syntax::WILDCARDS, "here").unwrap();
    assert_eq!(pattern.matches("${aws:username}", &Context::new()), Some(true));
}

/// The definition, by recursion.
fn oracle(pattern: &[char], text: &[char]) -> bool {
    match (pattern.split_first(), text.split_first()) {
        (None, None) => true,
        (None, Some(_)) => false,
        (Some(('*', after)), None) => oracle(after, text),
        (Some(('*', after)), Some((_, rest))) => oracle(after, text) || oracle(pattern, rest),
        (Some(_), None) => false,
        (Some((one, after)), Some((first, rest))) => {
            (*one == '?' || one == first) && oracle(after, rest)
        }
    }
}

proptest! {
    #[test]
    fn matching_follows_the_definition(pattern in "[abä*?]{0,8}", text in "[abä]{0,10}") {
        let chars: (Vec<_>, Vec<_>) = (pattern.chars().collect(), text.chars().collect());
        prop_assert_eq!(matches(&pattern, &text), oracle(&chars.0, &chars.1));
    }
}
