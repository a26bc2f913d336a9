//! Limited-memory BFGS: finds the least of a smooth convex function from its values and gradients.
//!
//! Source: Nocedal and Wright, *Numerical Optimization* (2006), algorithms 7.4 and 7.5; the step is halved until it meets Armijo's
//! condition (3.4), and a pair enters the memory only where the curvature is positive.

use std::collections::VecDeque;

/// Pairs of steps and changes of the gradient that are remembered.
const MEMORY: usize = 8;
/// Armijo's constant.
const SUFFICIENT: f64 = 1e-4;
const HALVINGS: usize = 30;

/// When to stop.
#[derive(Debug, Clone, Copy)]
pub struct Stop {
    /// The largest gradient, by its norm, that counts as none, as a share of the norm at `against`.
    pub gradient: f64,
    /// Steps at most.
    pub steps: usize,
    /// Where the norm is taken that the gradient is held against.
    pub against: Against,
}

/// Where the norm is taken that the gradient is held against.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Against {
    /// At the start.
    Start,
    /// At the origin: a start nearer the least is not left behind with more precision than a cold one.
    Origin,
}

/// Walks from `at` to the least of `function`, which returns its value and writes its gradient; returns the value reached.
///
/// The same input gives the same bytes.
pub fn minimise(at: &mut [f32], stop: Stop, mut function: impl FnMut(&[f32], &mut [f32]) -> f64) -> f64 {
    let mut gradient = vec![0.0; at.len()];
    let scale = (stop.against == Against::Origin).then(|| {
        function(&vec![0.0; at.len()], &mut gradient);
        norm(&gradient)
    });
    let mut value = function(at, &mut gradient);
    let enough = stop.gradient * scale.unwrap_or_else(|| norm(&gradient));
    let mut memory: VecDeque<Pair> = VecDeque::with_capacity(MEMORY);
    let (mut next, mut next_gradient) = (at.to_vec(), vec![0.0; at.len()]);
    for step in 0..stop.steps {
        if norm(&gradient) <= enough || !value.is_finite() {
            break;
        }
        let mut direction = direction(&gradient, &memory);
        let mut slope = dot(&direction, &gradient);
        if slope >= 0.0 {
            memory.clear();
            direction = gradient.iter().map(|g| -g).collect();
            slope = -dot(&gradient, &gradient);
        }
        // Nothing is known of the curvature yet: a first step of length one at most.
        let mut length = if step == 0 { 1.0 / norm(&gradient).max(1.0) } else { 1.0 };
        let mut reached = None;
        for _ in 0..HALVINGS {
            for ((next, at), direction) in next.iter_mut().zip(&*at).zip(&direction) {
                *next = narrow(length).mul_add(*direction, *at);
            }
            let there = function(&next, &mut next_gradient);
            if there <= value + SUFFICIENT * length * slope {
                reached = Some(there);
                break;
            }
            length /= 2.0;
        }
        let Some(there) = reached else { break };
        let moved: Vec<f32> = next.iter().zip(&*at).map(|(new, old)| new - old).collect();
        let turned: Vec<f32> = next_gradient.iter().zip(&gradient).map(|(new, old)| new - old).collect();
        let curvature = dot(&moved, &turned);
        if curvature > 1e-10 * dot(&turned, &turned) {
            if memory.len() == MEMORY {
                memory.pop_front();
            }
            memory.push_back(Pair { moved, turned, curvature });
        }
        at.copy_from_slice(&next);
        std::mem::swap(&mut gradient, &mut next_gradient);
        value = there;
    }
    value
}

struct Pair {
    moved: Vec<f32>,
    turned: Vec<f32>,
    curvature: f64,
}

/// The two loops: minus the gradient, turned by what the memory knows of the curvature.
fn direction(gradient: &[f32], memory: &VecDeque<Pair>) -> Vec<f32> {
    let mut direction: Vec<f32> = gradient.iter().map(|g| -g).collect();
    let mut shares = Vec::with_capacity(memory.len());
    for pair in memory.iter().rev() {
        let share = dot(&pair.moved, &direction) / pair.curvature;
        add(&mut direction, -share, &pair.turned);
        shares.push(share);
    }
    if let Some(last) = memory.back() {
        let scale = narrow(last.curvature / dot(&last.turned, &last.turned));
        for value in &mut direction {
            *value *= scale;
        }
    }
    for (pair, share) in memory.iter().zip(shares.into_iter().rev()) {
        let other = dot(&pair.turned, &direction) / pair.curvature;
        add(&mut direction, share - other, &pair.moved);
    }
    direction
}

fn add(to: &mut [f32], times: f64, what: &[f32]) {
    let times = narrow(times);
    for (to, what) in to.iter_mut().zip(what) {
        *to += times * what;
    }
}

/// Summed in lanes of `f32` over short stretches, and these in `f64`.
fn dot(left: &[f32], right: &[f32]) -> f64 {
    const LANES: usize = 16;
    let mut sum = 0.0;
    for (left, right) in left.chunks(1024).zip(right.chunks(1024)) {
        let mut lanes = [0.0_f32; LANES];
        let (left_whole, left_rest) = left.as_chunks::<LANES>();
        let (right_whole, right_rest) = right.as_chunks::<LANES>();
        for (left, right) in left_whole.iter().zip(right_whole) {
            for ((lane, left), right) in lanes.iter_mut().zip(left).zip(right) {
                *lane += left * right;
            }
        }
        let rest: f32 = left_rest.iter().zip(right_rest).map(|(left, right)| left * right).sum();
        sum += f64::from(lanes.iter().sum::<f32>() + rest);
    }
    sum
}

fn norm(values: &[f32]) -> f64 {
    dot(values, values).sqrt()
}

#[expect(clippy::cast_possible_truncation, reason = "weights are kept in 32 bits")]
pub(crate) const fn narrow(value: f64) -> f32 {
    value as f32
}

#[cfg(test)]
mod tests {
    use super::*;

    const STOP: Stop = Stop { gradient: 1e-6, steps: 200, against: Against::Start };

    #[test]
    fn the_least_of_a_stretched_bowl_is_found() {
        let stretch: Vec<f32> = (1..=20).map(|i: u8| f32::from(i) * f32::from(i)).collect();
        let mut at = vec![1.0; 20];
        let value = minimise(&mut at, STOP, |at, gradient| {
            let mut value = 0.0;
            for ((at, stretch), gradient) in at.iter().zip(&stretch).zip(gradient) {
                *gradient = stretch * (at - 3.0);
                value += f64::from(stretch * (at - 3.0) * (at - 3.0)) / 2.0;
            }
            value
        });
        assert!(value < 1e-6, "{value}");
        assert!(at.iter().all(|x| (x - 3.0).abs() < 1e-3), "{at:?}");
    }

    #[test]
    fn a_start_near_the_least_is_left_as_soon_as_a_cold_one_would_stop() {
        let bowl = |steps: &mut usize, at: &[f32], gradient: &mut [f32]| {
            *steps += 1;
            gradient.iter_mut().zip(at).for_each(|(gradient, at)| *gradient = at - 3.0);
            at.iter().map(|at| f64::from((at - 3.0) * (at - 3.0)) / 2.0).sum()
        };
        let mut steps = 0;
        let mut at = vec![2.99; 4];
        minimise(&mut at, Stop { gradient: 1e-2, against: Against::Origin, ..STOP }, |at, gradient| bowl(&mut steps, at, gradient));
        assert_eq!((steps, at), (2, vec![2.99; 4]), "the origin and the start were looked at, and no step was taken");
    }

    #[test]
    fn a_function_that_is_never_finite_leaves_the_start() {
        let mut at = vec![1.0, 2.0];
        minimise(&mut at, STOP, |_, gradient| {
            gradient.fill(1.0);
            f64::NAN
        });
        assert_eq!(at, [1.0, 2.0]);
    }
}
