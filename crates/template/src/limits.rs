//! Every limit of a template. The first five are CloudFormation's own quotas; the rest bound our
//! work on hostile input.
//!
//! Source: "Understand CloudFormation quotas", AWS CloudFormation User Guide.

/// The longest template text, in bytes.
pub const TEMPLATE_BYTES: usize = 1_000_000;
/// The most resources in a template, before and after transforms.
pub const RESOURCES: usize = 500;
/// The most parameters in a template.
pub const PARAMETERS: usize = 200;
/// The most outputs in a template.
pub const OUTPUTS: usize = 200;
/// The most mappings in a template.
pub const MAPPINGS: usize = 200;
/// The most rules in a template. CloudFormation gives no number.
pub const RULES: usize = 200;
/// The longest parameter value, in bytes.
pub const PARAMETER_VALUE_BYTES: usize = 4_096;
/// The deepest nesting of maps and lists.
pub const DEPTH: usize = 100;
/// The most nodes in a tree, aliases expanded.
pub const NODES: usize = 200_000;
/// The longest string that evaluation may produce, in bytes.
pub const EVALUATED_STRING_BYTES: usize = 1_000_000;
/// How often a YAML text is read again because YAML 1.1 is more lenient than the parser.
pub const YAML_REREADS: usize = 500;
/// How much text those readings may cost together, in bytes.
pub const YAML_REREAD_BYTES: usize = 16_000_000;
