//! Tensors as text, like NumPy's: nested brackets, aligned columns, dots in the middle of long axes.

use super::Tensor;
use std::fmt;

/// More numbers than this are shown in part.
const SUMMARY: usize = 1000;
/// Of a long axis, so many are shown at each end.
const EDGE: usize = 3;

impl<T: fmt::Display> fmt::Display for Tensor<T> {
    /// Numbers in nested brackets; a precision (`{:.3}`) holds for each of them, four digits unless said for
    /// floating-point numbers. Of more than 1000 numbers, the first and last three of each axis.
    ///
    /// ```
    /// # use gradtape::Tensor;
    /// let a = Tensor::from([[1.0, 2.5], [-3.0, 4.0]]);
    /// assert_eq!(a.to_string(), "[[ 1.   2.5]\n [-3.   4. ]]");
    /// ```
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut texts = Texts::new(self, |x| match f.precision() {
            Some(digits) => format!("{x:.digits$}"),
            None => x.to_string(),
        });
        // Only fractions show a point when asked for a digit behind it.
        if f.precision().is_none() && self.iter().any(|x| format!("{x:.1}").contains('.')) {
            texts.round_like_numpy();
        }
        texts.write(f, self.shape())
    }
}

/// The same brackets with all digits of every number, and the shape where it cannot be seen.
impl<T: fmt::Debug> fmt::Debug for Tensor<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        Texts::new(self, |x| format!("{x:?}")).write(f, self.shape())?;
        if self.is_empty() || self.len() > SUMMARY { write!(f, ", shape {:?}", self.shape()) } else { Ok(()) }
    }
}

/// The text of every number that is shown.
struct Texts {
    summary: bool,
    texts: Vec<Option<String>>,
}

impl Texts {
    fn new<T>(tensor: &Tensor<T>, text: impl Fn(&T) -> String) -> Self {
        let summary = tensor.len() > SUMMARY;
        let is_shown = |offset| !summary || is_visible(offset, tensor.shape());
        let texts = tensor.iter().enumerate().map(|(offset, x)| is_shown(offset).then(|| text(x))).collect();
        Texts { summary, texts }
    }

    /// All texts as wide as the widest; a single number as it is.
    fn write(&self, f: &mut fmt::Formatter<'_>, shape: &[usize]) -> fmt::Result {
        let widest = self.texts.iter().flatten().map(|text| text.chars().count()).max();
        let width = if shape.is_empty() { 0 } else { widest.unwrap_or(0) };
        self.write_axis(f, shape, width, 0, 0)
    }

    fn write_axis(
        &self,
        f: &mut fmt::Formatter<'_>,
        shape: &[usize],
        width: usize,
        depth: usize,
        offset: usize,
    ) -> fmt::Result {
        let Some((&size, inner)) = shape.split_first() else {
            return match &self.texts[offset] {
                Some(text) => write!(f, "{text:>width$}"),
                None => Ok(()),
            };
        };
        let step: usize = inner.iter().product();
        f.write_str("[")?;
        let mut first = true;
        for i in 0..size {
            if self.summary && size > 2 * EDGE && (EDGE..size - EDGE).contains(&i) {
                if i == EDGE {
                    self.separate(f, inner.len(), depth)?;
                    f.write_str("...")?;
                }
                continue;
            }
            if !first {
                self.separate(f, inner.len(), depth)?;
            }
            first = false;
            self.write_axis(f, inner, width, depth + 1, offset + i * step)?;
        }
        f.write_str("]")
    }

    /// Numbers that all read as `f64` are shortened; others (dual numbers) stay as they are.
    fn round_like_numpy(&mut self) {
        let parsed: Result<Vec<f64>, _> = self.texts.iter().flatten().map(|text| text.parse()).collect();
        if let Ok(values) = parsed {
            for (text, short) in self.texts.iter_mut().flatten().zip(rounded(&values)) {
                *text = short;
            }
        }
    }

    /// A space between numbers; between rows a line break, between matrices one more.
    fn separate(&self, f: &mut fmt::Formatter<'_>, inner_rank: usize, depth: usize) -> fmt::Result {
        if inner_rank == 0 {
            return f.write_str(" ");
        }
        for _ in 0..inner_rank {
            f.write_str("\n")?;
        }
        write!(f, "{:width$}", "", width = depth + 1)
    }
}

/// Whether no axis of the index lies in the part that dots stand for.
fn is_visible(mut offset: usize, shape: &[usize]) -> bool {
    shape.iter().rev().all(|&size| {
        let i = offset % size;
        offset /= size;
        size <= 2 * EDGE || !(EDGE..size - EDGE).contains(&i)
    })
}

/// Four decimals at most, cut where all end in zeros; the exponent form where sizes differ by more than 10^8.
fn rounded(values: &[f64]) -> Vec<String> {
    let sizes = values.iter().map(|x| x.abs()).filter(|x| x.is_finite() && *x > 0.0);
    let (least, most) = sizes.fold((f64::INFINITY, 0.0f64), |(a, b), x| (a.min(x), b.max(x)));
    let exponent = most >= 1e8 || (least < 1e-4 && most > 0.0) || most > 1e3 * least.max(1e-300) * 1e5;
    let render = |x: f64, digits: usize| {
        if !x.is_finite() {
            x.to_string()
        } else if exponent {
            format!("{x:.4e}")
        } else {
            let text = format!("{x:.digits$}");
            if digits == 0 { text + "." } else { text }
        }
    };
    // As few decimals as show the same as four do.
    let needed = |x: f64| {
        let text = format!("{x:.4}");
        let kept = text.trim_end_matches('0');
        kept.len() - kept.find('.').map_or(kept.len(), |dot| dot + 1)
    };
    let digits = values.iter().filter(|x| x.is_finite()).map(|x| needed(*x)).max().unwrap_or(0);
    let pad = |x: &f64| {
        let text = render(*x, digits);
        if exponent || !x.is_finite() || digits == 0 {
            return text;
        }
        // NumPy pads "1." to the width of "2.5" with blanks, not with zeros.
        let kept = text.trim_end_matches('0').len();
        format!("{}{}", &text[..kept], " ".repeat(text.len() - kept))
    };
    values.iter().map(pad).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn looks_like_numpy() {
        let show = |t: Tensor<f64>| t.to_string();
        assert_eq!(show(Tensor::scalar(2.5)), "2.5");
        assert_eq!(show(Tensor::scalar(2.0)), "2.");
        assert_eq!(show(Tensor::from([1.0, 2.0])), "[1. 2.]");
        assert_eq!(show(Tensor::from([[[1.0], [2.0]], [[3.0], [4.0]]])), "[[[1.]\n  [2.]]\n\n [[3.]\n  [4.]]]");
        assert_eq!(show(Tensor::from([1.0 / 3.0, 100.0])), "[  0.3333 100.    ]");
        assert_eq!(show(Tensor::zeros([0])), "[]");
        assert_eq!(show(Tensor::from([f64::NAN, f64::INFINITY])), "[NaN inf]");
        assert_eq!(Tensor::from([1usize, 20]).to_string(), "[ 1 20]");
        assert_eq!(format!("{:.2}", Tensor::from([1.0, 2.345])), "[1.00 2.35]");
        assert_eq!(show(Tensor::arange(0.0, 2000.0, 1.0)), "[   0.    1.    2. ... 1997. 1998. 1999.]");
        assert_eq!(format!("{:?}", Tensor::<f64>::zeros([2, 0])), "[[]\n []], shape [2, 0]");
        assert_eq!(format!("{:?}", Tensor::from([1.0, 0.1 + 0.2])), "[                1.0 0.30000000000000004]");
    }
}
