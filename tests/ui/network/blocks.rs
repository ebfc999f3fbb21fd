//! Layers around others: shapes that do not fit, and what is missing inside.
use gradtape::network;

network! {
    struct Residual { input(8), residual(dense(16, relu), dense(4)), dense(8, 2) }
    struct ResidualTells { residual(dropout(0.1), dense(8, 16, relu), dense(16, 4)), dense(8, 2) }
    struct Sum { input(8), sum([dense(16, relu), dense(4)], dense(5), dense(4)), dense(4, 2) }
    struct SumBrackets { input(8), sum(dense(8, 16, relu), dense(16, 4)) }
    struct Concat { concat(dense(8, 4), dense(7, 4)), dense(9, 2) }
    struct ConcatRank { input(3, 8), concat(dense(4), flatten) }
    struct Repeat { input(8), repeat(3, dense(16, relu), dense(4)), dense(8, 2) }
    struct Count { repeat(0, dense(8, 8)), repeat(2.5, dense(8, 8)), repeat(n, dense(8, 8)), repeat(dense(8, 8)) }
    struct Empty { residual(), repeat(2), sum, concat([], dense(2, 2)) }
    struct Nested { residual(repeat(2, dense(8, 8, rellu), dens(8, 8)), sum(Dense(8, 8), dense(8, 9))) }
    struct Brackets { [dense(8, 8), relu], input(8), residual(input(8), dense(8, 8)) }
    struct Named { residual(first: dense(8, 8), first: dense(8, 8)), repeat(time = 2, dense(8, 8)) }
    struct Arguments { residual(dense(8, 8), bias = false), repeat(Gate(8), 2), repeat(2.0 dense(8, 8)) }
}

fn main() {}
