//! The fields of an event that triggers can test.

use super::ast::{Field, Node, Test};
use crate::Path;

/// Where a tested field starts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Root {
    Type,
    Event,
    Name,
    UserId,
    Properties,
    Traits,
    Context,
}

impl Root {
    const ALL: [Self; 7] = [
        Self::Type,
        Self::Event,
        Self::Name,
        Self::UserId,
        Self::Properties,
        Self::Traits,
        Self::Context,
    ];

    /// Returns the root of a comparison's left side, whatever follows its first dot.
    pub(super) fn of_comparison(name: &str) -> Option<Self> {
        let first = name.split('.').next();
        Self::ALL.into_iter().find(|root| first == Some(root.key()))
    }

    /// Returns the root of a function's first argument: `event`, `name`, `userId`, or what begins like one of the objects.
    pub(super) fn of_argument(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|root| match root {
            Self::Type => false,
            _ if root.is_object() => name.starts_with(root.key()),
            _ => name == root.key(),
        })
    }

    /// Whether fields of it are tested, not the root itself.
    pub(super) fn is_object(self) -> bool {
        matches!(self, Self::Properties | Self::Traits | Self::Context)
    }

    /// Returns the test of the field `name`, as it stands in the trigger.
    pub(super) fn node(self, name: &str, test: Test) -> Node {
        if !self.is_object() {
            return Node::Test(Field(Some(Path::from_keys([self.key()]))), test);
        }
        // Without a dot after it, the object's name is taken for the name of a field in it.
        let name = name
            .strip_prefix(self.key())
            .and_then(|rest| rest.strip_prefix('.'))
            .unwrap_or(name);
        if name.is_empty() {
            return Node::Test(Field(None), test);
        }
        let mut keys = name.split(['.', '[', ']']).filter(|key| !key.is_empty()).peekable();
        if keys.peek().is_none() {
            return Node::Broken;
        }
        Node::Test(
            Field(Some(Path::from_keys(std::iter::once(self.key()).chain(keys)))),
            test,
        )
    }

    fn key(self) -> &'static str {
        match self {
            Self::Type => "type",
            Self::Event => "event",
            Self::Name => "name",
            Self::UserId => "userId",
            Self::Properties => "properties",
            Self::Traits => "traits",
            Self::Context => "context",
        }
    }
}
