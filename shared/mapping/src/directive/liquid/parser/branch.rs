//! `if` and `unless`: branches up to their end.

use super::super::ast::{Branch, Filtered, Node};
use super::super::cursor::Cursor;
use super::super::fault::{Fault, Outcome, Place};
use super::super::token::{Kind, Token};
use super::{Parser, expect_nothing, expression};

type Nodes = Vec<(Node, Place)>;

/// Conditions read so far, each with the outcome that takes it and its body.
struct Branches {
    conditions: Vec<(Filtered, bool, Nodes)>,
    otherwise: Nodes,
    elses: usize,
    /// Whether what is read now is thrown away.
    lost: bool,
}

impl Branches {
    fn new(condition: Filtered, when: bool) -> Self {
        Self {
            conditions: vec![(condition, when, Vec::new())],
            otherwise: Vec::new(),
            elses: 0,
            lost: false,
        }
    }

    fn push(&mut self, node: (Node, Place)) {
        if self.lost {
        } else if self.elses > 0 {
            self.otherwise.push(node);
        } else if let Some((_, _, body)) = self.conditions.last_mut() {
            body.push(node);
        }
    }

    fn into_node(self) -> Node {
        let branches = self.conditions.into_iter().map(|(condition, when, body)| Branch {
            condition,
            when,
            body: body.into(),
        });
        Node::Branches(branches.collect(), self.otherwise.into())
    }
}

impl Parser<'_> {
    pub(super) fn condition(&mut self, opening: &Token, cursor: &mut Cursor<'_>) -> Outcome<Node> {
        let mut branches = Branches::new(expression::filtered(cursor)?, true);
        while let Some(token) = self.tokens.pop_front() {
            match &token.kind {
                Kind::Tag(name, after) if name == "elsif" => {
                    if branches.elses > 0 {
                        return Err(Fault::new("unexpected elsif after else"));
                    }
                    let condition = expression::filtered(&mut self.arguments(&token, *after))?;
                    branches.conditions.push((condition, true, Vec::new()));
                }
                Kind::Tag(name, after) if name == "else" => {
                    expect_nothing(&self.arguments(&token, *after).rest())?;
                    if branches.elses > 0 {
                        return Err(Fault::new("duplicated else"));
                    }
                    branches.elses = 1;
                }
                Kind::Tag(name, after) if name == "endif" => {
                    expect_nothing(&self.arguments(&token, *after).rest())?;
                    return Ok(branches.into_node());
                }
                _ => branches.push((self.node(&token)?, token.place(self.input))),
            }
        }
        Err(self.not_closed(opening))
    }

    /// More lenient than `if`: what follows a second `else`, or an `elsif` after `else`, is lost.
    pub(super) fn unless(&mut self, opening: &Token, cursor: &mut Cursor<'_>) -> Outcome<Node> {
        let mut branches = Branches::new(expression::filtered(cursor)?, false);
        while let Some(token) = self.tokens.pop_front() {
            match &token.kind {
                Kind::Tag(name, _) if name == "elsif" && branches.elses > 0 => branches.lost = true,
                Kind::Tag(name, after) if name == "elsif" => {
                    let condition = expression::filtered(&mut self.arguments(&token, *after))?;
                    branches.conditions.push((condition, true, Vec::new()));
                }
                Kind::Tag(name, _) if name == "else" => {
                    branches.elses += 1;
                    branches.lost = branches.elses > 1;
                }
                Kind::Tag(name, _) if name == "endunless" => return Ok(branches.into_node()),
                _ => branches.push((self.node(&token)?, token.place(self.input))),
            }
        }
        Err(self.not_closed(opening))
    }
}
