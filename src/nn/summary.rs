//! The table that a network prints. What stands in its rows is told by the network.

use super::Module;
use crate::Scalar;
use std::borrow::Cow;
use std::fmt;

/// One layer of a network.
#[derive(Clone, Debug)]
pub struct Row {
    /// The name of its field.
    pub name: &'static str,
    /// Its declaration.
    pub layer: Cow<'static, str>,
    /// The shape behind it, without the batch.
    pub output: Cow<'static, str>,
    /// How many numbers its parameters hold.
    pub parameters: usize,
}

/// How many numbers the parameters of a module hold.
pub fn count_params<T: Scalar, M: Module<T>>(module: &M) -> usize {
    module.parameter_count()
}

/// Writes the rows below each other, with a headline and the sum of the parameters.
pub fn summary<T>(f: &mut fmt::Formatter<'_>, name: &str, rows: &[Row]) -> fmt::Result {
    let cells: Vec<[Cow<'_, str>; 4]> = rows
        .iter()
        .map(|row| [row.name.into(), (&*row.layer).into(), (&*row.output).into(), grouped(row.parameters).into()])
        .collect();
    let total = grouped(rows.iter().map(|row| row.parameters).sum());
    let head = ["", "layer", "output", "parameters"];
    let width = |column: usize| {
        let own = cells.iter().map(|cells| cells[column].chars().count());
        own.max().unwrap_or(0).max(head[column].len())
    };
    let [names, layers, outputs, parameters] = [width(0), width(1), width(2), width(3).max(total.len())];
    let line = |[name, layer, output, count]: [&str; 4]| {
        format!("  {name:names$}  {layer:layers$}  {output:outputs$}  {count:>parameters$}")
    };
    // `f32`, or `Dual<f64>` without the modules before it.
    let numbers = std::any::type_name::<T>().replace("gradtape::tensor::dual::", "");
    writeln!(f, "{name} ({numbers})")?;
    writeln!(f, "{}", line(head))?;
    for cells in &cells {
        writeln!(f, "{}", line([&cells[0], &cells[1], &cells[2], &cells[3]]))?;
    }
    write!(f, "{}", line(["", "", "", &total]))
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

    struct Net(Vec<Row>);

    impl fmt::Display for Net {
        fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
            summary::<f32>(f, "Digits", &self.0)
        }
    }

    #[test]
    fn columns_are_aligned_and_parameters_added_up() {
        let row = |name, layer: &'static str, output: &'static str, parameters| Row {
            name,
            layer: layer.into(),
            output: output.into(),
            parameters,
        };
        let net = Net(vec![
            row("hidden", "dense(784, 128, relu)", "[128]", 100_480),
            row("output", "dense(128, 10, softmax)", "[10]", 1_290),
        ]);
        let expected = "\
Digits (f32)
          layer                    output  parameters
  hidden  dense(784, 128, relu)    [128]      100,480
  output  dense(128, 10, softmax)  [10]         1,290
                                              101,770";
        assert_eq!(net.to_string(), expected);
    }

    #[test]
    fn thousands_are_grouped() {
        assert_eq!([0, 999, 1000, 1_234_567].map(grouped), ["0", "999", "1,000", "1,234,567"]);
    }
}
