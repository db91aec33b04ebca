//! Which column gives which field, worked out once for a row's columns.

use std::collections::HashMap;

use super::block::{Block, Column, Tree};
use super::name::{Spelling, Target, context_fields, recognise};
use crate::action::{Field, FieldKind as Kind, FieldSpec as Spec};
use crate::expression::Expression;
use crate::{Action, Compiled, Path};

/// What becomes of a column under `fields: auto`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ColumnUse {
    /// It gives this field or part of one, named as the mapping names it: `user_id`, `device.id`, `traits.plan`, `context`.
    Field(String),
    /// It stands for a field that another column gives.
    Shadowed {
        /// The field, or the part of it.
        field: String,
        /// The place of the column that gives it.
        by: usize,
    },
    /// It stands for nothing in the action's calls, so it is not sent.
    Unknown,
}

/// The columns that stand for one field, best first.
#[derive(Debug, Default)]
struct Claims {
    wholes: Vec<(Spelling, usize)>,
    keys: Vec<(usize, Spelling, usize)>,
    below: Vec<(usize, Spelling, usize, Vec<String>)>,
}

/// The plan of one action for rows with certain columns.
#[derive(Debug)]
pub(super) struct Plan {
    pub(super) uses: Vec<ColumnUse>,
    fields: Vec<(Field, Expression)>,
    action: Action,
}

impl Plan {
    /// Returns the plan for these columns, in the order of the row. Of a name that is there twice the last column counts.
    pub(super) fn of<S: AsRef<str>>(action: Action, columns: &[S]) -> Self {
        let mut plan = Self {
            uses: vec![ColumnUse::Unknown; columns.len()],
            fields: Vec::new(),
            action,
        };
        let mut claims: Vec<(Field, Claims)> = action
            .fields()
            .iter()
            .map(|&field| (field, Claims::default()))
            .collect();
        let mut contexts = Vec::new();
        let last: HashMap<&str, usize> = columns.iter().map(AsRef::as_ref).zip(0..).collect();
        for (place, column) in columns.iter().enumerate() {
            let is_last = last.get(column.as_ref()) == Some(&place);
            let Some((spelling, target)) = recognise(action, column.as_ref()).filter(|_| is_last) else {
                continue;
            };
            plan.uses[place] = ColumnUse::Field(label(&target));
            let mut claim = |field, claim: &mut dyn FnMut(&mut Claims)| {
                claims
                    .iter_mut()
                    .filter(|(known, _)| *known == field)
                    .for_each(|(_, claims)| claim(claims));
            };
            match target {
                Target::Context => contexts.push(place),
                Target::Field(field) => claim(field, &mut |claims| claims.wholes.push((spelling, place))),
                Target::Key(field, key) => claim(field, &mut |claims| claims.keys.push((key, spelling, place))),
                Target::Below(field, keys) => claim(field, &mut |claims| {
                    claims.below.push((keys.len(), spelling, place, keys.clone()));
                }),
            }
        }
        plan.settle(claims, &contexts);
        plan
    }

    /// Gives every field its columns.
    fn settle(&mut self, claims: Vec<(Field, Claims)>, contexts: &[usize]) {
        if let Some((&first, others)) = contexts.split_first() {
            for &place in others {
                self.shadow(place, first);
            }
        }
        for (field, claims) in claims {
            let expression = match field.spec().kind {
                _ if !claims.wholes.is_empty() => Some(self.whole(claims)),
                Kind::Fixed(keys) if !claims.keys.is_empty() => Some(self.block(keys, claims)),
                _ if !claims.below.is_empty() => Some(self.tree(claims)),
                _ => self.inside_context(field, contexts.first()),
            };
            self.fields.extend(expression.map(|expression| (field, expression)));
        }
    }

    /// One column holds the whole field; those for its parts are left out.
    fn whole(&mut self, mut claims: Claims) -> Expression {
        claims.wholes.sort_unstable();
        let place = claims.wholes[0].1;
        let others = claims.wholes.into_iter().skip(1).map(|(_, other)| other);
        let keys = claims.keys.into_iter().map(|(_, _, other)| other);
        let below = claims.below.into_iter().map(|(_, _, other, _)| other);
        for other in others.chain(keys).chain(below) {
            self.shadow(other, place);
        }
        column(place, [])
    }

    /// Columns give the keys of a fixed object.
    fn block(&mut self, keys: &'static [Spec], mut claims: Claims) -> Expression {
        claims.keys.sort_unstable();
        let mut given: Vec<(&'static str, Kind, usize)> = Vec::new();
        let mut last = None;
        for (key, _, place) in claims.keys {
            match last {
                Some((known, winner)) if known == key => self.shadow(place, winner),
                _ => {
                    given.push((keys[key].key, keys[key].kind, place));
                    last = Some((key, place));
                }
            }
        }
        Expression::Directive(Box::new(Block(given.into())))
    }

    /// Columns give what is below a field with free keys. A column for an object goes before those for its parts.
    fn tree(&mut self, mut claims: Claims) -> Expression {
        claims.below.sort_unstable();
        let mut tree = Tree::Object(Vec::new());
        for (_, _, place, keys) in claims.below {
            if let Err(winner) = tree.insert(&keys, place) {
                self.shadow(place, winner);
            }
        }
        Expression::Directive(Box::new(tree.arranged()))
    }

    /// A column holds `context`, and the field is one of its keys.
    fn inside_context(&self, field: Field, context: Option<&usize>) -> Option<Expression> {
        let (key, _) = context_fields(self.action).find(|(_, known)| *known == field)?;
        Some(column(*context?, [key]))
    }

    fn shadow(&mut self, place: usize, by: usize) {
        if let ColumnUse::Field(field) = std::mem::replace(&mut self.uses[place], ColumnUse::Unknown) {
            self.uses[place] = ColumnUse::Shadowed { field, by };
        }
    }

    pub(super) fn compiled(self) -> Compiled {
        Compiled::of_fields(self.action, self.fields)
    }
}

fn column<const N: usize>(place: usize, inside: [&str; N]) -> Expression {
    let inside = Path::from_keys(inside);
    Expression::Directive(Box::new(Column { place, inside }))
}

/// Returns the target as a mapping would name it.
fn label(target: &Target) -> String {
    match target {
        Target::Context => super::name::CONTEXT.to_owned(),
        Target::Field(field) => field.spec().key.to_owned(),
        Target::Below(field, keys) => format!("{}.{}", field.spec().key, keys.join(".")),
        Target::Key(field, place) => match field.spec().kind {
            Kind::Fixed(keys) => format!("{}.{}", field.spec().key, keys[*place].key),
            _ => field.spec().key.to_owned(),
        },
    }
}
