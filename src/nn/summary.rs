//! The table that a network prints. What stands in its rows is told by the network.

use super::{Module, Residual};
use crate::Scalar;
use std::borrow::Cow;
use std::fmt;

/// One layer of a network, or the headline of a block of them.
#[derive(Clone, Debug)]
pub struct Row {
    /// The name of its field.
    name: &'static str,
    /// In how many blocks it stands.
    depth: usize,
    /// Its declaration.
    layer: Cow<'static, str>,
    /// The shape behind it, without the batch.
    output: Cow<'static, str>,
    /// How many numbers its parameters hold; nothing for a headline.
    parameters: Option<usize>,
    /// How often it is there.
    copies: usize,
}

/// What a network and each of its blocks tell of their layers.
pub trait Rows {
    /// One a layer, in their order.
    fn rows(&self) -> Vec<Row>;
}

impl<L: Rows> Rows for Residual<L> {
    fn rows(&self) -> Vec<Row> {
        self.inner.rows()
    }
}

/// Blocks that are all alike.
impl<L: Rows> Rows for Vec<L> {
    fn rows(&self) -> Vec<Row> {
        let mut rows = self.first().map(Rows::rows).unwrap_or_default();
        rows.iter_mut().for_each(|row| row.copies *= self.len());
        rows
    }
}

/// The row of a layer.
pub fn layer_row<T: Scalar, M: Module<T>>(
    name: &'static str,
    layer: &'static str,
    output: impl Into<Cow<'static, str>>,
    module: &M,
) -> Vec<Row> {
    let parameters = Some(module.parameter_count());
    vec![Row { name, depth: 0, layer: layer.into(), output: output.into(), parameters, copies: 1 }]
}

/// The headline of a block and, below it, its layers.
pub fn block_rows(
    name: &'static str,
    layer: &'static str,
    output: impl Into<Cow<'static, str>>,
    block: &impl Rows,
) -> Vec<Row> {
    let headline = Row { name, depth: 0, layer: layer.into(), output: output.into(), parameters: None, copies: 1 };
    let inside = block.rows().into_iter().map(|row| Row { depth: row.depth + 1, ..row });
    std::iter::once(headline).chain(inside).collect()
}

/// Writes the rows below each other, with a headline and the sum of the parameters.
pub fn summary<T>(f: &mut fmt::Formatter<'_>, name: &str, rows: &[Row]) -> fmt::Result {
    let cells: Vec<[Cow<'_, str>; 4]> = rows
        .iter()
        .map(|row| {
            let name = format!("{:indent$}{}", "", row.name, indent = 2 * row.depth);
            let parameters = match (row.parameters.map(grouped), row.copies) {
                (None, _) => String::new(),
                (Some(each), 1) => each,
                (Some(each), _) if each == "0" => each,
                (Some(each), copies) => format!("{copies} × {each}"),
            };
            [name.into(), (&*row.layer).into(), (&*row.output).into(), parameters.into()]
        })
        .collect();
    let total = grouped(rows.iter().map(|row| row.copies * row.parameters.unwrap_or(0)).sum());
    let head = ["", "layer", "output", "parameters"];
    let foot = ["total", "", "", &total];
    let width = |column: usize| {
        let own = cells.iter().map(|cells| cells[column].chars().count());
        own.max().unwrap_or(0).max(head[column].len()).max(foot[column].len())
    };
    let [names, layers, outputs, parameters] = [width(0), width(1), width(2), width(3)];
    let line = |[name, layer, output, count]: [&str; 4]| {
        let line = format!("  {name:names$}  {layer:layers$}  {output:outputs$}  {count:>parameters$}");
        line.trim_end().to_string()
    };
    // `f32`, or `Dual<f64>` without the modules before it.
    let numbers = std::any::type_name::<T>().replace("gradtape::tensor::dual::", "");
    writeln!(f, "{name} ({numbers})")?;
    writeln!(f, "{}", line(head))?;
    for cells in &cells {
        writeln!(f, "{}", line([&cells[0], &cells[1], &cells[2], &cells[3]]))?;
    }
    write!(f, "{}", line(foot))
}

/// `1234567` as `1,234,567`.
fn grouped(number: usize) -> String {
    let digits = number.to_string();
    let mut text = String::new();
    for (i, digit) in digits.chars().enumerate() {
        if i > 0 && (digits.len() - i).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::nn::{Activation, Dense};

    struct Block(Dense<f32>);

    impl Rows for Block {
        fn rows(&self) -> Vec<Row> {
            [
                layer_row::<f32, _>("dense1", "dense(64, 64)", "[64]", &self.0),
                layer_row::<f32, _>("relu1", "relu", "[64]", &Activation::Relu),
            ]
            .concat()
        }
    }

    struct Net {
        hidden: Dense<f32>,
        blocks: Vec<Residual<Block>>,
    }

    impl fmt::Display for Net {
        fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
            let rows = [
                layer_row::<f32, _>("hidden", "dense(784, 64, relu)", "[64]", &self.hidden),
                block_rows("repeat1", "repeat(3)", String::from("[64]"), &self.blocks),
            ];
            summary::<f32>(f, "Digits", &rows.concat())
        }
    }

    #[test]
    fn columns_are_aligned_blocks_indented_and_parameters_added_up() {
        let rng = &mut crate::Rng::new(7);
        let blocks = (0..3).map(|_| Residual::new(Block(Dense::new(64, 64, rng)))).collect();
        let net = Net { hidden: Dense::new(784, 64, rng), blocks };
        let expected = "\
Digits (f32)
            layer                 output  parameters
  hidden    dense(784, 64, relu)  [64]        50,240
  repeat1   repeat(3)             [64]
    dense1  dense(64, 64)         [64]     3 × 4,160
    relu1   relu                  [64]             0
  total                                       62,720";
        assert_eq!(net.to_string(), expected);
    }

    #[test]
    fn thousands_are_grouped() {
        assert_eq!([0, 999, 1000, 1_234_567].map(grouped), ["0", "999", "1,000", "1,234,567"]);
    }
}
