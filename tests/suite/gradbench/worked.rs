//! The worked examples of the suite's evaluations.

use super::{evaluate, expect, hand, pose};
use serde_json::{Value, json};

#[test]
fn hello() {
    expect("hello", "square", &json!(3.0), &json!(9.0));
    expect("hello", "double", &json!(3), &json!(6.0));
}

#[test]
fn gmm() {
    let input = json!({
        "d": 2, "k": 2, "n": 3, "x": [[0.5, -1.0], [1.5, 0.25], [-0.75, 2.0]], "m": 1, "gamma": 0.5,
        "alpha": [0.1, -0.2], "mu": [[0.0, 0.5], [1.0, -0.5]], "q": [[0.2, -0.1], [0.0, 0.3]], "l": [[0.4], [-0.6]],
    });
    expect("gmm", "objective", &input, &json!(-25.775270463007583));
    let gradient = json!({
        "alpha": [-0.14063906317953245, 0.14063906317953245],
        "mu": [[-0.06944763371525954, 0.6503242672001703], [-0.11858560508248389, 0.4286590480748468]],
        "q": [[0.498789012091302, 0.3909021323120265], [1.8129015273785276, 1.2372262219721972]],
        "l": [[0.78017776432351], [-0.2471838668950396]],
    });
    expect("gmm", "jacobian", &input, &gradient);
}

#[test]
fn ba() {
    let camera = [0.1, -0.2, 0.3, 1.0, 2.0, 3.0, 100.0, 1.0, -2.0, 0.05, 0.01];
    let input = json!({
        "n": 2, "m": 3, "p": 17, "cam": camera, "x": [4.0, 5.0, 12.0], "w": 0.5, "feat": [10.0, 20.0],
    });
    let errors = json!({
        "reproj_error": {"elements": [-3.071632808869219, 2.3396415592572257], "repeated": 17},
        "w_err": {"element": 0.75, "repeated": 17},
    });
    expect("ba", "objective", &input, &errors);
    let rows: Vec<usize> = (0..30).map(|row| 15 * row).chain([527]).collect();
    let row = [(0..11).collect(), vec![22, 23, 24, 31]].concat();
    let columns = [row.clone(), row, vec![47]].concat();
    let values = [
        5.4831767099760675,
        48.93219842103294,
        -16.17061069262609,
        -4.8552287561613285,
        1.5879368249572503,
        1.0890973104013595,
        0.014283671911307808,
        0.5,
        0.0,
        0.10172436947670446,
        0.007270789245413367,
        4.8552287561613285,
        -1.5879368249572503,
        -1.0890973104013595,
        -6.143265617738438,
        -52.743014031323526,
        8.673202718237453,
        6.471670653480845,
        -1.1989320539934587,
        -4.902148629184039,
        2.0336935610591658,
        0.1333964155925723,
        0.0,
        0.5,
        0.9500124583416317,
        0.067902513435592,
        1.1989320539934587,
        4.902148629184039,
        -2.0336935610591658,
        4.6792831185144586,
        -1.0,
    ];
    let jacobian = json!({"rows": rows, "cols": columns, "vals": values});
    expect("ba", "jacobian", &input, &jacobian);
    let found = evaluate("ba", "jacobian", &input);
    assert_eq!((&found["rows"], &found["cols"]), (&jacobian["rows"], &jacobian["cols"]), "integers stay integers");
}

#[test]
fn kmeans() {
    let points = [[0, 0], [1, 0], [4, 4], [5, 4], [4, 6]];
    let input = json!({"points": points, "centroids": [[0.5, 1.0], [4.0, 4.5]]});
    expect("kmeans", "cost", &input, &json!(6.25));
    expect("kmeans", "dir", &input, &json!([[0.0, 1.0], [-1.0 / 3.0, -1.0 / 6.0]]));
}

#[test]
fn llsq() {
    let input = json!({"x": [0.5, -0.25, 1.0], "n": 5});
    expect("llsq", "primal", &input, &json!(5.765625));
    expect("llsq", "gradient", &input, &json!([5.0, -3.625, 3.375]));
}

#[test]
fn lse() {
    let input = json!({"x": [1.0, 2.0, 0.5, -1.0]});
    expect("lse", "primal", &input, &json!(2.495181898085856));
    let softmax = [0.22420781804820114, 0.6094600375988772, 0.1359889157935055, 0.030343228559416225];
    expect("lse", "gradient", &input, &json!(softmax));
}

#[test]
fn ode() {
    let input = json!({"x": [0.5, 1.5, 2.0, 0.25], "s": 3});
    expect("ode", "primal", &input, &json!([1.0, 1.5, 2.0, 0.25]));
    expect("ode", "gradient", &input, &json!([0.5, 1.0 / 6.0, 0.125, 1.0]));
}

#[test]
fn particle() {
    for (start, end) in [(0.0, 0.2071918746486116), (0.6, 0.20721259128824898), (0.1, 0.20719351122579968)] {
        for function in ["rr", "rf", "fr", "ff"] {
            expect("particle", function, &json!({"w": start}), &json!(end));
        }
    }
}

#[test]
fn saddle() {
    let far = [1.236948723921053e-05, -4.123162413070176e-06, 1.236948723921053e-05, -4.123162413070176e-06];
    for (start, end) in [([1.0, 1.0], [8.246324826140356e-06; 4]), ([1.5, -0.5], far)] {
        for function in ["rr", "rf", "fr", "ff"] {
            expect("saddle", function, &json!({"start": start}), &json!(end));
        }
    }
}

#[test]
fn ht() {
    let input = |correspondence: usize, us: Value| {
        let data = json!({"correspondences": [correspondence], "points": [[1.0, 0.5, 0.25]], "model": hand()});
        json!({"theta": pose(), "us": us, "data": data})
    };
    let first_row = |input: &Value, head: &[f64], columns: usize| {
        let jacobian = evaluate("ht", "jacobian", input);
        assert_eq!(jacobian.as_array().map(Vec::len), Some(3));
        let row: Vec<f64> = jacobian[0].as_array().unwrap().iter().map(|x| x.as_f64().unwrap()).collect();
        assert_eq!(row.len(), columns);
        for (k, found) in row.into_iter().enumerate() {
            let expected = head.get(k).copied().unwrap_or(0.0);
            assert!((found - expected).abs() < 1e-14, "column {k}: {found} instead of {expected}");
        }
    };
    let complicated = input(0, json!([[0.25, 0.5]]));
    let objective = [-0.8177097826295445, 0.24507665384893795, -0.35411029707749164];
    expect("ht", "objective", &complicated, &json!(objective));
    let row = [
        1.895539255473589,
        -0.3274614734510135,
        -0.000857761462408466,
        -0.4970168017943011,
        0.2716836211046683,
        -1.0,
        0.0,
        0.0,
        0.025562959640488752,
        0.17158995651392275,
        0.012559727070871603,
        0.0,
        -0.007040137018753442,
        -0.0491408663782419,
    ];
    first_row(&complicated, &row, 28);
    let simple = input(1, json!([]));
    let objective = [-1.4553253332234486, 0.01704526082500013, -0.4870363588047584];
    expect("ht", "objective", &simple, &json!(objective));
    let row = [
        0.017563644952528847,
        -0.5946901755953737,
        0.5149561707361824,
        -1.0,
        0.0,
        0.0,
        0.051125919280977504,
        0.3431799130278455,
        0.025119454141743207,
    ];
    first_row(&simple, &row, 26);
}

#[test]
fn det() {
    let input = json!({"A": [2, 1, 0, 1, 3, 1, 0, 1, 4], "ell": 3});
    expect("det", "primal", &input, &json!(18.0));
    expect("det", "gradient", &input, &json!([11, -4, 1, -4, 8, -2, 1, -2, 5]));
}

#[test]
fn lstm() {
    let input = json!({
        "main_params": [[0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8], [-0.1, 0.1, 0.0, 0.2, -0.2, 0.3, 0.15, -0.05]],
        "extra_params": [[1.0, 0.5], [0.8, -0.6], [0.1, 0.2]], "state": [[0.3, 0.6], [0.2, 0.9]],
        "sequence": [[1, 0], [0, 1], [1, 1]],
    });
    expect("lstm", "objective", &input, &json!(1.0335510097522498));
    let gradient = [
        0.0003828947387639998,
        0.0034332933281848175,
        -0.00015915567976447414,
        0.00473532263567554,
        0.003100218916274418,
        0.004332438850750543,
        -0.0016338092419075309,
        0.028489888407527773,
        -0.002121163213533124,
        0.022263751658082365,
        -0.001614996644230351,
        0.0087721453043208,
        -0.0023268320360029745,
        0.028705798761172116,
        -0.013620343892562772,
        0.05624424000290882,
        0.001588398932013609,
        0.006572243952174579,
        -0.0007429861678823392,
        -0.108649739009424,
        -0.03263149033916418,
        -0.3219739359566426,
    ];
    expect("lstm", "jacobian", &input, &json!(gradient));
}
