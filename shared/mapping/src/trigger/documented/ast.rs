//! What a trigger says by FQL's documentation.

/// A condition.
#[derive(Debug, Clone, PartialEq)]
pub(in super::super) enum Expr {
    All(Vec<Expr>),
    Any(Vec<Expr>),
    Not(Box<Expr>),
    Compare(Operand, Operator, Operand),
    /// A value that is a condition by itself: a boolean field, or a function that returns one.
    Bare(Operand),
}

/// What is compared.
#[derive(Debug, Clone, PartialEq)]
pub(in super::super) enum Operand {
    /// A field, by its keys, outermost first.
    Path(Vec<String>),
    Text(String),
    Number(f64),
    Bool(bool),
    Null,
    List(Vec<Operand>),
    Call(String, Vec<Operand>),
    /// A condition in parentheses, used as a value.
    Group(Box<Expr>),
}

/// How two values are compared.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in super::super) enum Operator {
    Equal,
    Different,
    Less,
    AtMost,
    Greater,
    AtLeast,
    In,
}

impl Operator {
    pub(super) const ALL: [(&'static str, Self); 7] = [
        ("=", Self::Equal),
        ("!=", Self::Different),
        ("<", Self::Less),
        ("<=", Self::AtMost),
        (">", Self::Greater),
        (">=", Self::AtLeast),
        ("in", Self::In),
    ];

    pub(in super::super) fn as_str(self) -> &'static str {
        Self::ALL
            .iter()
            .find(|(_, operator)| *operator == self)
            .map_or("", |(text, _)| text)
    }

    /// The operator that says the same with its sides exchanged; `in` has none.
    pub(in super::super) fn turned(self) -> Option<Self> {
        match self {
            Self::Equal | Self::Different => Some(self),
            Self::Less => Some(Self::Greater),
            Self::AtMost => Some(Self::AtLeast),
            Self::Greater => Some(Self::Less),
            Self::AtLeast => Some(Self::AtMost),
            Self::In => None,
        }
    }
}
