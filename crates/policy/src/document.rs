use crate::{
    Malformed,
    json::Json,
    principals::Grant,
    statement::{Effect, Question, Statement},
};

/// The longest text that is read, in bytes; the limit of the IAM API. The smaller limits of a kind
/// of policy count [`Document::size`] and belong to its service.
pub const MAX_TEXT_BYTES: usize = 131_072;

/// One policy: its original text, and what it was compiled to.
#[derive(Debug)]
pub struct Document {
    text: String,
    kind: DocumentKind,
    statements: Vec<Statement>,
    reads_values: bool,
}

/// Where a policy is attached, which decides what it may contain.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum DocumentKind {
    /// Attached to a user, group or role, or used as a boundary or session policy: no principal.
    Identity,
    /// Attached to a resource: principals and resources.
    Resource,
    /// The trust policy of a role: principals, `sts` actions, no resource.
    Trust,
}

/// What one or more policies say about a request.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Outcome {
    pub(crate) denied: bool,
    pub(crate) allowed: Option<Grant>,
}

impl Document {
    /// Parses and compiles a policy.
    ///
    /// # Errors
    /// [`Malformed`] with the official reason and the place.
    pub fn parse(text: &str, kind: DocumentKind) -> Result<Self, Malformed> {
        if text.len() > MAX_TEXT_BYTES {
            let reason = format!("The policy is longer than {MAX_TEXT_BYTES} bytes.");
            return Err(Malformed::new("document", reason));
        }
        let json: Json = serde_json::from_str(text).map_err(|error| {
            Malformed::new("document", format!("Syntax errors in policy: {error}."))
        })?;
        let statements = parse_statements(&json, kind)?;
        let reads_values = text.contains("${") || statements.iter().any(Statement::is_conditional);
        Ok(Self { text: text.to_owned(), kind, statements, reads_values })
    }

    /// The text that was parsed, unchanged.
    #[must_use]
    pub fn text(&self) -> &str {
        &self.text
    }

    /// Where the policy may be attached.
    #[must_use]
    pub fn kind(&self) -> DocumentKind {
        self.kind
    }

    /// The size that IAM's quotas count: characters without white space.
    #[must_use]
    pub fn size(&self) -> usize {
        self.text.chars().filter(|character| !character.is_whitespace()).count()
    }

    /// Whether what the policy says may depend on condition values.
    pub(crate) fn reads_values(&self) -> bool {
        self.reads_values
    }

    pub(crate) fn outcome(&self, question: &Question<'_>) -> Outcome {
        let mut outcome = Outcome::default();
        for statement in &self.statements {
            let Some(grant) = statement.applies(question) else { continue };
            match statement.effect {
                Effect::Allow => outcome.allowed = outcome.allowed.max(Some(grant)),
                Effect::Deny => outcome.denied = true,
            }
        }
        outcome
    }
}

fn parse_statements(json: &Json, kind: DocumentKind) -> Result<Vec<Statement>, Malformed> {
    let (mut statements, mut variables) = (None, false);
    for (name, value) in json.members("document")? {
        match name.as_str() {
            "Version" => variables = parse_version(value)?,
            "Id" => drop(value.text("Id")?),
            "Statement" => statements = Some(value),
            other => {
                let reason = format!("Syntax errors in policy: unknown element {other:?}.");
                return Err(Malformed::new("document", reason));
            }
        }
    }
    let items = statements.map(Json::items).unwrap_or_default();
    if items.is_empty() {
        return Err(Malformed::new("document", "Missing required field Statement"));
    }
    let mut parsed: Vec<Statement> = Vec::with_capacity(items.len());
    for (index, item) in items.iter().enumerate() {
        let place = format!("Statement[{index}]");
        let statement = Statement::parse(item, kind, variables, &place)?;
        if statement.sid.is_some() && parsed.iter().any(|other| other.sid == statement.sid) {
            let reason = "Statement IDs (SID) in a single policy must be unique.";
            return Err(Malformed::new(&format!("{place}.Sid"), reason));
        }
        parsed.push(statement);
    }
    Ok(parsed)
}

/// Whether the version knows policy variables. A document without a version is of the old one.
fn parse_version(json: &Json) -> Result<bool, Malformed> {
    match json.text("Version")? {
        "2012-10-17" => Ok(true),
        "2008-10-17" => Ok(false),
        _ => Err(Malformed::new("Version", "The policy must contain a valid version string.")),
    }
}
