use crate::limits;

/// Which request parameter an expression came in. Its name starts the text of most errors.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Kind {
    /// `ConditionExpression` of a write.
    Condition,
    /// `FilterExpression` of a query or scan.
    Filter,
    /// `KeyConditionExpression` of a query.
    KeyCondition,
    /// `ProjectionExpression` of a read.
    Projection,
    /// `UpdateExpression` of an update.
    Update,
}

impl Kind {
    /// The name of the request parameter.
    #[must_use]
    pub const fn parameter(self) -> &'static str {
        match self {
            Self::Condition => "ConditionExpression",
            Self::Filter => "FilterExpression",
            Self::KeyCondition => "KeyConditionExpression",
            Self::Projection => "ProjectionExpression",
            Self::Update => "UpdateExpression",
        }
    }
}

impl std::fmt::Display for Kind {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(self.parameter())
    }
}

/// Everything that this crate refuses, with DynamoDB's official text. Each is a
/// `ValidationException`; what JSON itself makes impossible (`SerializationException`) is an error
/// of the deserializer instead, with its official text.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// A number without text.
    #[error("The parameter cannot be converted to a numeric value")]
    NumberMissing,
    /// A text that is not a decimal number.
    #[error("The parameter cannot be converted to a numeric value: {0}")]
    NotNumeric(String),
    /// A magnitude of 1E126 or more; also a sum that 38 digits cannot hold.
    #[error(
        "Number overflow. Attempting to store a number with magnitude larger than supported range"
    )]
    NumberOverflow,
    /// A magnitude below 1E-130 that is not zero.
    #[error(
        "Number underflow. Attempting to store a number with magnitude smaller than supported range"
    )]
    NumberUnderflow,
    /// A number with more significant digits than 38.
    #[error("Attempting to store more than 38 significant digits in a Number")]
    NumberTooPrecise,

    /// An attribute value without a known type key.
    #[error(
        "Supplied AttributeValue is empty, must contain exactly one of the supported datatypes"
    )]
    ValueEmpty,
    /// An attribute value with two type keys or more.
    #[error(
        "Supplied AttributeValue has more than one datatypes set, must contain exactly one of the supported datatypes"
    )]
    ValueAmbiguous,
    /// `{"NULL": false}`.
    #[error(
        "One or more parameter values were invalid: Null attribute value types must have the value of true"
    )]
    NullFalse,
    /// A set without members. Holds the official words for it.
    #[error("One or more parameter values were invalid: {0}")]
    EmptySet(&'static str),
    /// A set with a member twice. Holds the official words for it.
    #[error("{0}")]
    DuplicateInSet(String),
    /// A document deeper than [`limits::MAX_DEPTH`] levels.
    #[error(
        "Nesting Levels have exceeded supported limits: Attributes in the item have nested levels beyond supported limit"
    )]
    TooDeep,

    /// `ExpressionAttributeNames` or `ExpressionAttributeValues` is there and empty.
    #[error("{0} must not be empty")]
    PlaceholdersEmpty(&'static str),
    /// A placeholder that is not `#` or `:` and letters, digits and underscores.
    #[error("{parameter} contains invalid key: Syntax error; key: \"{key}\"")]
    PlaceholderSyntax {
        /// The request parameter.
        parameter: &'static str,
        /// The offending key.
        key: String,
    },
    /// A placeholder longer than [`limits::MAX_PLACEHOLDER_BYTES`].
    #[error(
        "{parameter} contains invalid key: The key has exceeded the maximum allowed length of {} bytes; key: \"{key}\"",
        limits::MAX_PLACEHOLDER_BYTES
    )]
    PlaceholderTooLong {
        /// The request parameter.
        parameter: &'static str,
        /// The offending key.
        key: String,
    },
    /// A value of `ExpressionAttributeValues` that is refused itself.
    #[error("ExpressionAttributeValues contains invalid value: {problem} for key {key}")]
    PlaceholderValue {
        /// What is wrong with it.
        problem: Box<Error>,
        /// The placeholder.
        key: String,
    },
    /// A placeholder that no expression of the request uses.
    #[error("Value provided in {parameter} unused in expressions: keys: {{{keys}}}")]
    PlaceholdersUnused {
        /// The request parameter.
        parameter: &'static str,
        /// The unused keys, separated by a comma and a space.
        keys: String,
    },
    /// Names without any expression.
    #[error("ExpressionAttributeNames can only be specified when using expressions")]
    NamesWithoutExpression,
    /// Values without any expression that could use them. Holds the parameters that are missing.
    #[error("ExpressionAttributeValues can only be specified when using expressions: {0} null")]
    ValuesWithoutExpression(String),

    /// An expression that is refused.
    #[error("Invalid {kind}: {problem}")]
    Expression {
        /// The request parameter.
        kind: Kind,
        /// What is wrong with it.
        problem: Problem,
    },
    /// A well-formed `KeyConditionExpression` that no query can use.
    #[error(transparent)]
    KeyCondition(#[from] KeyConditionError),

    /// The parent of a path to update is missing or of another type.
    #[error("The document path provided in the update expression is invalid for update")]
    UpdatePath,
    /// An attribute of a type that the update cannot work on.
    #[error("An operand in the update expression has an incorrect data type")]
    UpdateOperand,
    /// An update that reads an attribute that is not there.
    #[error("The provided expression refers to an attribute that does not exist in the item")]
    UpdateMissing,
}

/// What is wrong with one expression; printed after `Invalid <parameter>: `.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum Problem {
    /// No text.
    #[error("The expression can not be empty;")]
    Empty,
    /// More bytes than [`limits::MAX_EXPRESSION_BYTES`].
    #[error("Expression size has exceeded the maximum allowed size; expression size: {0}")]
    TooLong(usize),
    /// More operators and functions than [`limits::MAX_OPERATORS`].
    #[error("The expression contains too many operators; operator count: {0}")]
    TooManyOperators(usize),
    /// Operands in parentheses or calls within each other; the text is ours, DynamoDB's is unknown.
    #[error("The expression is nested too deeply; nesting levels: {0}")]
    NestedTooDeep(usize),
    /// More members than [`limits::MAX_IN_OPERANDS`] in one `IN`.
    #[error("The IN operator is provided with too many operands; number of operands: {0}")]
    TooManyInOperands(usize),
    /// A token where the grammar has no place for it.
    #[error("Syntax error; token: \"{token}\", near: \"{near}\"")]
    Syntax {
        /// The token, or `<EOF>`.
        token: String,
        /// The text from the token before it to the token after it.
        near: String,
    },
    /// Two parentheses around the same thing.
    #[error("The expression has redundant parentheses;")]
    RedundantParentheses,
    /// A function that does not exist.
    #[error("Invalid function name; function: {0}")]
    UnknownFunction(String),
    /// A function of conditions in an update.
    #[error("The function is not allowed in an update expression; function: {0}")]
    NotInUpdate(String),
    /// A function of updates in a condition.
    #[error("The function is not allowed in a condition expression; function: {0}")]
    NotInCondition(String),
    /// A true-or-false function as an operand, or `size` as a condition.
    #[error("The function is not allowed to be used this way in an expression; function: {0}")]
    MisusedFunction(String),
    /// A bare name from the list of reserved words.
    #[error("Attribute name is a reserved keyword; reserved keyword: {0}")]
    ReservedWord(String),
    /// A `#name` that the request does not define.
    #[error(
        "An expression attribute name used in the document path is not defined; attribute name: {0}"
    )]
    UndefinedName(String),
    /// A `:value` that the request does not define.
    #[error(
        "An expression attribute value used in expression is not defined; attribute value: {0}"
    )]
    UndefinedValue(String),
    /// A list index above [`limits::MAX_LIST_INDEX`].
    #[error("List index is not within the allowable range; index: [{0}]")]
    ListIndex(String),
    /// A path of more elements than [`limits::MAX_DEPTH`].
    #[error("The document path has too many nesting elements; nesting levels: {0}")]
    PathTooDeep(usize),
    /// A function with too few or too many arguments.
    #[error(
        "Incorrect number of operands for operator or function; operator or function: {function}, number of operands: {count}"
    )]
    OperandCount {
        /// The function.
        function: String,
        /// How many it was given.
        count: usize,
    },
    /// An operator or function whose two sides are the same path.
    #[error(
        "The first operand must be distinct from the remaining operands for this operator or function; operator: {operator}, first operand: {path}"
    )]
    NotDistinct {
        /// The operator or function.
        operator: String,
        /// The path, as `[a, [1], b]`.
        path: String,
    },
    /// A function that works on paths was given something else.
    #[error("Operator or function requires a document path; operator or function: {0}")]
    PathRequired(String),
    /// A constant of a type that the operator or function does not take.
    #[error(
        "Incorrect operand type for operator or function; operator or function: {function}, operand type: {operand}"
    )]
    OperandType {
        /// The operator or function.
        function: String,
        /// The type key of the constant.
        operand: String,
    },
    /// A constant of a type that `ADD` or `DELETE` does not take.
    #[error(
        "Incorrect operand type for operator or function; operator: {clause}, operand type: {operand}, typeSet: ALLOWED_FOR_{clause}_OPERAND"
    )]
    ClauseOperandType {
        /// `ADD` or `DELETE`.
        clause: &'static str,
        /// The long name of the type.
        operand: &'static str,
    },
    /// `attribute_type` was asked for a type that does not exist.
    #[error(
        "Invalid attribute type name found; type: {0}, valid types: {{B,NULL,SS,BOOL,L,BS,N,NS,S,M}}"
    )]
    UnknownType(String),
    /// `BETWEEN` with bounds of two types.
    #[error(
        "The BETWEEN operator requires same data type for lower and upper bounds; lower bound operand: AttributeValue: {lower}, upper bound operand: AttributeValue: {upper}"
    )]
    BetweenTypes {
        /// The lower bound, as `{S:text}`.
        lower: String,
        /// The upper bound.
        upper: String,
    },
    /// `BETWEEN` with its bounds the wrong way round.
    #[error(
        "The BETWEEN operator requires upper bound to be greater than or equal to lower bound; lower bound operand: AttributeValue: {lower}, upper bound operand: AttributeValue: {upper}"
    )]
    BetweenOrder {
        /// The lower bound, as `{S:text}`.
        lower: String,
        /// The upper bound.
        upper: String,
    },
    /// One clause twice in an update.
    #[error("The \"{0}\" section can only be used once in an update expression;")]
    SectionTwice(&'static str),
    /// Two paths of which one contains the other.
    #[error(
        "Two document paths overlap with each other; must remove or rewrite one of these paths; path one: {one}, path two: {two}"
    )]
    PathsOverlap {
        /// The earlier path.
        one: String,
        /// The later path.
        two: String,
    },
    /// Two paths that take the same attribute for a list and for a map.
    #[error(
        "Two document paths conflict with each other; must remove or rewrite one of these paths; path one: {one}, path two: {two}"
    )]
    PathsConflict {
        /// The earlier path.
        one: String,
        /// The later path.
        two: String,
    },
}

impl Problem {
    pub(crate) fn of(self, kind: Kind) -> Error {
        Error::Expression { kind, problem: self }
    }
}

/// A key condition that is a valid condition but selects no key range.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum KeyConditionError {
    /// An operator or function that key conditions do not have.
    #[error("Invalid operator used in KeyConditionExpression: {0}")]
    Operator(String),
    /// `size`, or any function inside another operator.
    #[error("KeyConditionExpressions cannot contain nested operations")]
    NestedOperation,
    /// `BETWEEN` or `begins_with` that starts with something else than an attribute.
    #[error(
        "Invalid condition in KeyConditionExpression: {0} operator must have the key attribute as its first operand"
    )]
    FirstOperand(&'static str),
    /// A condition between two attributes.
    #[error(
        "Invalid condition in KeyConditionExpression: Multiple attribute names used in one condition"
    )]
    TwoAttributes,
    /// A condition without an attribute.
    #[error("Invalid condition in KeyConditionExpression: No key attribute specified")]
    NoAttribute,
    /// A condition on a part of an attribute.
    #[error("KeyConditionExpressions cannot have conditions on nested attributes")]
    NestedAttribute,
    /// Two conditions on one attribute.
    #[error("KeyConditionExpressions must only contain one condition per key")]
    AttributeTwice,
    /// More than two conditions.
    #[error("Conditions can be of length 1 or 2 only")]
    TooMany,
    /// A condition that the key schema has no use for, or a partition key without `=`.
    #[error("Query key condition not supported")]
    NotSupported,
    /// A key attribute without its condition.
    #[error("Query condition missed key schema element: {0}")]
    Missed(String),
    /// A constant of another type than the key attribute.
    #[error(
        "One or more parameter values were invalid: Condition parameter type does not match schema type"
    )]
    Type,
}
