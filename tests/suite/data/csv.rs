//! Tables in text files: what is read from them, and every way in which one can be wrong.

use gradtape::Tensor;
use gradtape::data::csv;

fn message(text: &str) -> String {
    match csv::parse(text) {
        Ok(table) => panic!("it was read: {table:?}"),
        Err(error) => error.to_string(),
    }
}

#[test]
fn numbers_and_classes() {
    let table = csv::parse("\u{feff}a, b ,kind\r\n1,-2.5e1,x\r\n 3 ,4,\"y, or z\"\r\n5,6,x").unwrap();
    assert_eq!(table.columns(), ["a", "b", "kind"]);
    assert_eq!((table.len(), table.is_empty()), (3, false));
    let (data, names) = table.classes::<f32>("kind").unwrap();
    assert_eq!(names, ["x", "y, or z"]);
    assert_eq!(data.targets().classes(), Some(&[0, 1, 0][..]));
    assert_eq!(data.inputs(), &Tensor::from([[1.0, -25.0], [3.0, 4.0], [5.0, 6.0]]));

    let data = table.without("kind").unwrap().values::<f64>("a").unwrap();
    assert_eq!(data.inputs(), &Tensor::from([[-25.0], [4.0], [6.0]]));
    assert_eq!(data.targets().values(), Some(&Tensor::from([[1.0], [3.0], [5.0]])));
}

#[test]
fn the_order_of_the_rows_does_not_number_the_classes() {
    let names = |text: &str| csv::parse(text).unwrap().classes::<f32>("k").unwrap().1;
    assert_eq!(names("x,k\n1,b\n2,a\n"), names("x,k\n2,a\n1,b\n"));
}

#[test]
fn what_is_no_table() {
    assert_eq!(message(""), "a table: the file is empty: the first line names the columns");
    assert_eq!(message("a,b\n"), "a table: there are no rows below the headline");
    assert_eq!(message("a,b,a\n1,2,3\n"), "a table: two columns are called `a`");
    assert_eq!(message("a,b\n1,2\n3\n"), "a table: line 3: 1 fields, where the headline has 2");
    assert_eq!(message("a,b\n1,2,3\n"), "a table: line 2: 3 fields, where the headline has 2");
}

#[test]
fn what_is_no_number() {
    let error = |text: &str, target: &str| csv::parse(text).unwrap().values::<f64>(target).unwrap_err().to_string();
    assert_eq!(error("a,b\n1,2\n\n1,two\n", "a"), "line 4, column `b`: `two` is not a number");
    assert_eq!(error("a,b\n,2\n", "b"), "line 2, column `a`: the field is empty");
    assert_eq!(error("a,b\n1,2\n1,inf\n", "b"), "line 3, column `b`: `inf` is not finite");
    assert_eq!(error("a,b\n1,NaN\n", "b"), "line 2, column `b`: `NaN` is not finite");
    assert_eq!(error("a,b\n1,2\n", "c"), "there is no column `c`; the columns are a, b");
    assert_eq!(error("a\n1\n", "a"), "`a` is the only column: there is nothing to predict it from");
    let quoted = "a,b\n\"1\n2\",3\n4,x\n";
    assert_eq!(error(quoted, "a"), "line 4, column `b`: `x` is not a number");
    assert_eq!(error(quoted, "b"), "line 2, column `a`: `1\n2` is not a number");
    assert_eq!(error("a,b\n\"1\",3\n\r\n4,x\n", "a"), "line 4, column `b`: `x` is not a number");
}

#[test]
fn files_that_cannot_be_read() {
    let missing = csv::load("no/such/table.csv").unwrap_err().to_string();
    assert!(missing.starts_with("no/such/table.csv: "), "{missing}");
    let path = std::env::temp_dir().join(format!("gradtape-table-{}.csv", std::process::id()));
    std::fs::write(&path, b"a,b\n1,\xff\n").unwrap();
    let error = csv::load(&path).unwrap_err().to_string();
    std::fs::remove_file(&path).unwrap();
    assert_eq!(error, format!("{}: line 2: this is not UTF-8 text", path.display()));
}
