//! Numbers: JavaScript's doubles throughout.

use super::{Handler, Input};
use crate::Value;
use crate::directive::liquid::fault::Outcome;

pub(super) fn named(name: &str) -> Option<Handler> {
    Some(match name {
        "abs" => |input| one(input, f64::abs),
        "ceil" => |input| one(input, f64::ceil),
        "floor" => |input| one(input, f64::floor),
        "at_least" => |input| all(input, f64::max),
        "at_most" => |input| all(input, f64::min),
        "plus" => |input| two(input, |left, right| left + right),
        "minus" => |input| two(input, |left, right| left - right),
        "times" => |input| two(input, |left, right| left * right),
        "modulo" => |input| two(input, |left, right| ((left % right) + right) % right),
        "divided_by" => divided_by,
        "round" => round,
        _ => return None,
    })
}

/// A value as a number; what is none is 0.
fn number<'a>(input: &Input<'_, 'a>, value: Value<'a>) -> Outcome<f64> {
    let number = input.runtime.number(value)?;
    // JavaScript's `number || 0`, which has no negative zero either.
    Ok(if number.is_nan() || number == 0.0 { 0.0 } else { number })
}

fn one<'a>(input: &Input<'_, 'a>, compute: impl Fn(f64) -> f64) -> Outcome<Value<'a>> {
    Ok(Value::Number(compute(number(input, input.value)?)))
}

/// Without its argument nothing can be computed.
fn two<'a>(input: &Input<'_, 'a>, compute: impl Fn(f64, f64) -> f64) -> Outcome<Value<'a>> {
    let left = number(input, input.value)?;
    let right = input
        .arguments
        .first()
        .map_or(Ok(f64::NAN), |right| number(input, *right))?;
    Ok(Value::Number(compute(left, right)))
}

fn all<'a>(input: &Input<'_, 'a>, choose: impl Fn(f64, f64) -> f64) -> Outcome<Value<'a>> {
    let mut chosen = number(input, input.value)?;
    for argument in input.arguments {
        chosen = choose(chosen, number(input, *argument)?);
    }
    Ok(Value::Number(chosen))
}

fn divided_by<'a>(input: &Input<'_, 'a>) -> Outcome<Value<'a>> {
    let whole = number(input, input.argument(1))? != 0.0;
    two(input, |left, right| {
        let quotient = left / right;
        if whole { quotient.floor() } else { quotient }
    })
}

fn round<'a>(input: &Input<'_, 'a>) -> Outcome<Value<'a>> {
    let value = number(input, input.value)?;
    let amplifier = 10_f64.powf(number(input, input.argument(0))?);
    let scaled = (value * amplifier) * (1.0 + f64::EPSILON);
    Ok(Value::Number(nearest(scaled) / amplifier))
}

/// `Math.round`: halves go up, also below zero.
fn nearest(number: f64) -> f64 {
    let floor = number.floor();
    if number - floor >= 0.5 { floor + 1.0 } else { floor }
}
