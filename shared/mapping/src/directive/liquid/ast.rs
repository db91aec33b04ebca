//! A template, taken apart once per job.

use super::fault::Place;
use super::filter::Handler;
use super::operator::Operator;

/// What is rendered in order, each with the place that errors name.
pub(super) type Template = Box<[(Node, Place)]>;

#[derive(Debug)]
pub(super) enum Node {
    /// Text as it is, from outside of tags or from `raw`.
    Text(Box<str>),
    /// `{{ … }}` and `echo`.
    Output(Filtered),
    Assign(Box<str>, Filtered),
    Capture(Box<str>, Template),
    /// `if` and `unless` with their `elsif`s, and `else`.
    Branches(Box<[Branch]>, Template),
    /// A variable and by how much it changes: `increment` shows the value before, `decrement` the one after.
    Count(Box<str>, Count),
    Cycle(Option<Operand>, Box<[Operand]>),
    /// `liquid`: statements in one tag.
    Group(Template),
    Block(Template),
    /// `break` and `continue` outside of loops: nothing after them is rendered.
    Stop,
    Nothing,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Count {
    Up,
    Down,
}

#[derive(Debug)]
pub(super) struct Branch {
    pub(super) condition: Filtered,
    /// Which outcome of the condition takes the branch.
    pub(super) when: bool,
    pub(super) body: Template,
}

/// A value expression and the filters it goes through.
#[derive(Debug)]
pub(super) struct Filtered {
    pub(super) initial: Expression,
    pub(super) filters: Box<[Call]>,
}

/// Operands and operators in the order of their evaluation.
#[derive(Debug)]
pub(super) struct Expression {
    pub(super) postfix: Box<[Step]>,
}

#[derive(Debug)]
pub(super) enum Step {
    Operand(Operand),
    Operator(Operator),
}

#[derive(Debug)]
pub(super) enum Operand {
    Constant(Constant),
    Range(Box<(Operand, Operand)>),
    Access(Access),
}

#[derive(Debug)]
pub(super) enum Constant {
    Bool(bool),
    Nil,
    Empty,
    Blank,
    Number(f64),
    Text(Box<str>),
}

/// Keys to look up one after the other, in a value or (without one) in the variables.
#[derive(Debug)]
pub(super) struct Access {
    pub(super) root: Option<Box<Operand>>,
    pub(super) keys: Box<[Operand]>,
}

/// A filter with its arguments.
#[derive(Debug)]
pub(super) struct Call {
    pub(super) handler: Handler,
    pub(super) arguments: Box<[Argument]>,
}

#[derive(Debug)]
pub(super) struct Argument {
    /// The text before the colon of `key: value`.
    pub(super) key: Option<Box<str>>,
    pub(super) value: Option<Operand>,
}
