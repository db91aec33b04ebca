//! Rendering a compiled template for one payload.

use std::borrow::Cow;

use bumpalo::Bump;
use bumpalo::collections::String;

use super::ast::{Count, Filtered, Node, Operand, Step, Template};
use super::fault::Outcome;
use super::filter::Input;
use super::operator::is_true;
use super::runtime::Runtime;
use super::scope::Scope;
use super::special::Special;
use super::unit;
use crate::Value;

/// Renders a template. What is built lies in `arena`.
pub(super) fn render<'a>(template: &'a Template, payload: Value<'a>, arena: &'a Bump) -> Outcome<&'a str> {
    let runtime = Runtime::new(arena);
    let mut out = String::new_in(arena);
    Rendering {
        runtime: &runtime,
        scope: Scope::new(payload),
        cycles: Vec::new(),
        is_stopped: false,
    }
    .template(template, &mut out)?;
    Ok(match unit::settled(out.into_bump_str()) {
        Cow::Borrowed(text) => text,
        Cow::Owned(text) => arena.alloc_str(&text),
    })
}

struct Rendering<'r, 'a> {
    runtime: &'r Runtime<'a>,
    scope: Scope<'a>,
    /// How far each group of cycles of the same length is.
    cycles: Vec<(&'a str, usize, usize)>,
    is_stopped: bool,
}

impl<'a> Rendering<'_, 'a> {
    fn template(&mut self, template: &'a Template, out: &mut String<'a>) -> Outcome<()> {
        for (node, place) in template {
            self.node(node, out).map_err(|fault| fault.at(*place, "RenderError"))?;
            if self.is_stopped {
                break;
            }
        }
        Ok(())
    }

    fn node(&mut self, node: &'a Node, out: &mut String<'a>) -> Outcome<()> {
        self.runtime.step(1)?;
        match node {
            Node::Text(text) => {
                out.push_str(text);
                return self.runtime.build(text.len());
            }
            Node::Output(value) => {
                let value = self.filtered(value)?;
                return self.runtime.append(value, out);
            }
            Node::Assign(name, value) => {
                let value = self.filtered(value)?;
                self.scope.assign(name, value);
            }
            Node::Capture(name, body) => {
                let mut captured = String::new_in(self.runtime.arena);
                self.template(body, &mut captured)?;
                let captured = self.runtime.joined(captured.into_bump_str());
                self.scope.assign(name, Value::Text(captured));
            }
            Node::Branches(branches, otherwise) => {
                for branch in branches {
                    let value = self.filtered(&branch.condition)?;
                    if is_true(value) == branch.when {
                        return self.template(&branch.body, out);
                    }
                }
                return self.template(otherwise, out);
            }
            Node::Count(name, count) => return self.count(name, *count, out),
            Node::Cycle(group, candidates) => return self.cycle(group.as_ref(), candidates, out),
            Node::Group(body) => return self.template(body, out),
            Node::Block(body) => {
                self.scope.blocks += 1;
                self.template(body, out)?;
                self.scope.blocks -= 1;
            }
            Node::Stop => self.is_stopped = true,
            Node::Nothing => {}
        }
        Ok(())
    }

    fn count(&mut self, name: &'a str, count: Count, out: &mut String<'a>) -> Outcome<()> {
        let before = self.scope.counter(name);
        let (shown, after) = match count {
            Count::Up => (before, before + 1.0),
            Count::Down => (before - 1.0, before - 1.0),
        };
        self.scope.count(name, after);
        self.runtime.append(Value::Number(shown), out)
    }

    /// Groups are told apart by their names and how many candidates they have.
    fn cycle(&mut self, group: Option<&'a Operand>, candidates: &'a [Operand], out: &mut String<'a>) -> Outcome<()> {
        let group = group.map_or(Ok(Value::Undefined), |group| self.runtime.evaluate(group, &self.scope))?;
        let group = match Special::of(&group) {
            Some(_) => "[object Object]",
            None => self.runtime.string(group)?,
        };
        let count = candidates.len();
        let known = self
            .cycles
            .iter()
            .position(|cycle| (cycle.0, cycle.1) == (group, count));
        let cycle = known.unwrap_or_else(|| {
            self.cycles.push((group, count, 0));
            self.cycles.len() - 1
        });
        let at = self.cycles[cycle].2;
        self.cycles[cycle].2 = (at + 1) % count.max(1);
        let Some(candidate) = candidates.get(at) else {
            return Ok(());
        };
        let value = self.runtime.evaluate(candidate, &self.scope)?;
        if value.is_truthy() {
            self.runtime.append(value, out)?;
        }
        Ok(())
    }

    fn filtered(&mut self, filtered: &'a Filtered) -> Outcome<Value<'a>> {
        let mut value = self.expression(&filtered.initial.postfix)?;
        for call in &filtered.filters {
            let mut arguments = bumpalo::collections::Vec::with_capacity_in(call.arguments.len(), self.runtime.arena);
            for argument in &call.arguments {
                let given = argument.value.as_ref();
                let given = given.map_or(Ok(Value::Undefined), |value| self.runtime.evaluate(value, &self.scope))?;
                arguments.push(match &argument.key {
                    Some(key) => self.runtime.array([Value::Text(key), given].into_iter())?,
                    None => given,
                });
            }
            self.runtime.step(1)?;
            let input = Input {
                runtime: self.runtime,
                value,
                arguments: arguments.into_bump_slice(),
            };
            value = (call.handler)(&input)?;
        }
        Ok(value)
    }

    fn expression(&mut self, postfix: &'a [Step]) -> Outcome<Value<'a>> {
        if let [Step::Operand(operand)] = postfix {
            return self.runtime.evaluate(operand, &self.scope);
        }
        let mut operands = bumpalo::collections::Vec::with_capacity_in(postfix.len(), self.runtime.arena);
        for step in postfix {
            let value = match step {
                Step::Operand(operand) => self.runtime.evaluate(operand, &self.scope)?,
                Step::Operator(operator) => {
                    let right = operands.pop().unwrap_or(Value::Undefined);
                    let left = if *operator == super::operator::Operator::Not {
                        Value::Undefined
                    } else {
                        operands.pop().unwrap_or(Value::Undefined)
                    };
                    Value::Bool(self.runtime.apply(*operator, left, right)?)
                }
            };
            operands.push(value);
        }
        Ok(operands.first().copied().unwrap_or(Value::Undefined))
    }
}
