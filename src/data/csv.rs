//! Tables in text files: columns of numbers, and one that is to be predicted. Reading alone; what is done to the
//! numbers before a model sees them stands in [`Standardize`](super::Standardize).
//!
//! The files are untrusted: whatever is wrong with one is an [`Error`] that names the line and the column.

use std::path::Path;

use super::Dataset;
use crate::{Element, Error, Result, Tensor};

/// Reads a table with a headline: fields separated by commas, quoted with `"` where they hold a comma themselves.
///
/// # Errors
/// If the file cannot be read, is not UTF-8, has no headline or no rows, names two columns alike, or has a row that is
/// longer or shorter than the headline.
///
/// ```no_run
/// let table = gradtape::data::csv::load("iris.csv")?;
/// let (flowers, names) = table.classes::<f32>("class")?;
/// # Ok::<(), gradtape::Error>(())
/// ```
pub fn load(path: impl AsRef<Path>) -> Result<Table> {
    let path = path.as_ref();
    let bytes = std::fs::read(path).map_err(|error| Error::io(path, error))?;
    read(&bytes).map_err(|message| Error::format(path, message))
}

/// The same from a text.
///
/// # Errors
/// As [`load`].
pub fn parse(text: &str) -> Result<Table> {
    read(text.as_bytes()).map_err(|message| Error::invalid(format!("a table: {message}")))
}

/// A table as text, with the names of its columns.
///
/// ```
/// use gradtape::data::csv;
///
/// let table = csv::parse("length,width,kind\n1.0,2.0,oak\n3.5,0.5,ash\n2.0,2.5,oak\n")?;
/// assert_eq!(table.columns(), ["length", "width", "kind"]);
///
/// // A column of names becomes class numbers, in the order of the names' letters.
/// let (trees, names) = table.classes::<f32>("kind")?;
/// assert_eq!(names, ["ash", "oak"]);
/// assert_eq!(trees.targets().classes(), Some(&[1, 0, 1][..]));
/// assert_eq!(trees.inputs().shape(), [3, 2]);
///
/// // Or a number is predicted from the others.
/// let widths = table.without("kind")?.values::<f64>("width")?;
/// assert_eq!(widths.targets().values().expect("numbers").shape(), [3, 1]);
///
/// let error = csv::parse("x,y\n1,2\n3,four\n")?.values::<f64>("y").unwrap_err();
/// assert_eq!(error.to_string(), "line 3, column `y`: `four` is not a number");
/// # Ok::<(), gradtape::Error>(())
/// ```
#[derive(Clone, Debug)]
pub struct Table {
    columns: Vec<String>,
    rows: Vec<Row>,
}

#[derive(Clone, Debug)]
struct Row {
    line: usize,
    fields: Vec<String>,
}

impl Table {
    /// The names of the columns, from the left.
    pub fn columns(&self) -> &[String] {
        &self.columns
    }

    /// How many rows there are, without the headline.
    pub fn len(&self) -> usize {
        self.rows.len()
    }

    /// Whether there is no row; a table that was read has one.
    pub fn is_empty(&self) -> bool {
        self.rows.is_empty()
    }

    /// The table without a column, such as a number that only names the row.
    ///
    /// # Errors
    /// If there is no column of this name.
    pub fn without(mut self, column: &str) -> Result<Table> {
        let position = self.position(column)?;
        self.columns.remove(position);
        for row in &mut self.rows {
            row.fields.remove(position);
        }
        Ok(self)
    }

    /// The numbers of all columns but `target`, `[rows, columns]`, and the classes that stand in `target`: numbers from
    /// 0, with the name of each, sorted.
    ///
    /// # Errors
    /// If there is no column `target`, or no other; if a field of another is no finite number.
    pub fn classes<T: Element>(&self, target: &str) -> Result<(Dataset<T>, Vec<String>)> {
        let position = self.position(target)?;
        let mut names: Vec<String> = self.rows.iter().map(|row| row.fields[position].clone()).collect();
        let all = names.clone();
        names.sort_unstable();
        names.dedup();
        let number = |name: &String| names.binary_search(name).expect("every name is in the list of them");
        let classes: Vec<usize> = all.iter().map(number).collect();
        Ok((Dataset::new(self.inputs(position)?, classes)?, names))
    }

    /// The numbers of all columns but `target`, `[rows, columns]`, and those of `target`, `[rows, 1]`.
    ///
    /// # Errors
    /// As [`classes`](Self::classes); and if a field of `target` is no finite number.
    pub fn values<T: Element>(&self, target: &str) -> Result<Dataset<T>> {
        let position = self.position(target)?;
        let inputs = self.inputs(position)?;
        let targets: Result<Vec<T>> = self.rows.iter().map(|row| self.number(row, position)).collect();
        Dataset::new(inputs, Tensor::from_vec(targets?, [self.len(), 1])?)
    }

    fn position(&self, name: &str) -> Result<usize> {
        self.columns.iter().position(|column| column == name).ok_or_else(|| {
            Error::invalid(format!("there is no column `{name}`; the columns are {}", self.columns.join(", ")))
        })
    }

    fn inputs<T: Element>(&self, without: usize) -> Result<Tensor<T>> {
        let columns: Vec<usize> = (0..self.columns.len()).filter(|column| *column != without).collect();
        if columns.is_empty() {
            let only = &self.columns[without];
            return Err(Error::invalid(format!("`{only}` is the only column: there is nothing to predict it from")));
        }
        let mut numbers = Vec::with_capacity(self.len() * columns.len());
        for row in &self.rows {
            for column in &columns {
                numbers.push(self.number(row, *column)?);
            }
        }
        Tensor::from_vec(numbers, [self.len(), columns.len()])
    }

    fn number<T: Element>(&self, row: &Row, column: usize) -> Result<T> {
        let text = row.fields[column].trim();
        let problem = match text.parse::<f64>() {
            Ok(number) if number.is_finite() => return Ok(T::lit(number)),
            Ok(_) => format!("`{text}` is not finite"),
            Err(_) if text.is_empty() => "the field is empty".into(),
            Err(_) => format!("`{text}` is not a number"),
        };
        Err(Error::invalid(format!("line {}, column `{}`: {problem}", row.line, self.columns[column])))
    }
}

/// What is wrong with the form of a file.
fn read(bytes: &[u8]) -> std::result::Result<Table, String> {
    let mut reader = csv::ReaderBuilder::new().trim(csv::Trim::All).from_reader(bytes);
    let mut lines = Lines { bytes, at: 0, line: 1 };
    let columns = reader.headers().map_err(|error| problem(&error, &mut lines))?;
    // A file from a spreadsheet may begin with this mark.
    let columns: Vec<String> = columns.iter().map(|name| name.trim_start_matches('\u{feff}').to_string()).collect();
    if columns.is_empty() {
        return Err("the file is empty: the first line names the columns".into());
    }
    if let Some((_, name)) = columns.iter().enumerate().find(|(i, name)| columns[..*i].contains(name)) {
        return Err(format!("two columns are called `{name}`"));
    }
    let mut rows = Vec::new();
    for record in reader.records() {
        let record = record.map_err(|error| problem(&error, &mut lines))?;
        let line = lines.of(record.position());
        rows.push(Row { line, fields: record.iter().map(str::to_string).collect() });
    }
    if rows.is_empty() {
        return Err("there are no rows below the headline".into());
    }
    Ok(Table { columns, rows })
}

fn problem(error: &csv::Error, lines: &mut Lines<'_>) -> String {
    match error.kind() {
        csv::ErrorKind::UnequalLengths { pos, expected_len, len } => {
            format!("line {}: {len} fields, where the headline has {expected_len}", lines.of(pos.as_ref()))
        }
        csv::ErrorKind::Utf8 { pos, .. } => format!("line {}: this is not UTF-8 text", lines.of(pos.as_ref())),
        _ => error.to_string(),
    }
}

/// Counts the lines up to a record. The reader's own count stops before empty lines, which it leaves out.
struct Lines<'a> {
    bytes: &'a [u8],
    at: usize,
    line: usize,
}

impl Lines<'_> {
    /// The line of a record; records come in order.
    fn of(&mut self, position: Option<&csv::Position>) -> usize {
        let start = position.map_or(self.at, |position| usize::try_from(position.byte()).unwrap_or(self.at));
        while let Some(byte) = self.bytes.get(self.at) {
            if self.at >= start && !matches!(byte, b'\n' | b'\r') {
                break;
            }
            self.line += usize::from(*byte == b'\n');
            self.at += 1;
        }
        self.line
    }
}
