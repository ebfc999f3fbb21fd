//! Colourings of sparse matrices: columns of one colour are found by one sweep. No derivatives.
//!
//! Source: Gebremedhin, Manne and Pothen, "What Color Is Your Jacobian?", SIAM Review 2005; the greedy algorithms.

/// A colour for each vertex, and how many there are.
pub(super) struct Coloring {
    pub(super) of: Vec<u32>,
    pub(super) count: usize,
}

/// No colour yet.
const NONE: u32 = u32::MAX;

/// The other way round: for each column the rows with an entry in it.
pub(super) fn transposed(rows: &[Vec<u32>], columns: usize) -> Vec<Vec<u32>> {
    let mut result = vec![Vec::new(); columns];
    for (i, row) in rows.iter().enumerate() {
        for j in row {
            result[*j as usize].push(i as u32);
        }
    }
    result
}

/// Colours for columns such that no row has two entries of one colour.
pub(super) fn columns_apart(rows: &[Vec<u32>], columns: &[Vec<u32>]) -> Coloring {
    let mut coloring = Coloring { of: vec![NONE; columns.len()], count: 0 };
    let mut forbidden = Vec::new();
    for (j, column) in columns.iter().enumerate() {
        let neighbours = column.iter().flat_map(|i| &rows[*i as usize]);
        coloring.choose(j, neighbours.copied(), &mut forbidden);
    }
    coloring
}

impl Coloring {
    /// Every vertex a colour of its own, for dense matrices.
    pub(super) fn all_different(n: usize) -> Self {
        Coloring { of: (0..n as u32).collect(), count: n }
    }

    /// Gives vertex `v` the first colour that none of the others has.
    fn choose(&mut self, v: usize, others: impl Iterator<Item = u32>, forbidden: &mut Vec<usize>) {
        for other in others {
            let color = self.of[other as usize];
            if color != NONE {
                forbidden[color as usize] = v + 1;
            }
        }
        self.paint(v, forbidden);
    }

    /// The first colour that is not marked as forbidden to `v`.
    fn paint(&mut self, v: usize, forbidden: &mut Vec<usize>) {
        let free = forbidden.iter().position(|mark| *mark != v + 1);
        let color = free.unwrap_or(forbidden.len());
        if color == forbidden.len() {
            forbidden.push(0);
            self.count += 1;
        }
        self.of[v] = color as u32;
    }
}

/// Colours for the variables of a Hessian with this symmetric pattern: neighbours differ, and so do three of any path
/// of four (a star colouring), so that every entry can be read off one of the two products it takes part in.
pub(super) fn star(rows: &[Vec<u32>]) -> Coloring {
    let mut coloring = Coloring { of: vec![NONE; rows.len()], count: 0 };
    let mut forbidden: Vec<usize> = Vec::new();
    for v in 0..rows.len() {
        for w in rows[v].iter().map(|w| *w as usize).filter(|w| *w != v) {
            let of_w = coloring.of[w];
            if of_w != NONE {
                forbidden[of_w as usize] = v + 1;
            }
            for x in rows[w].iter().map(|x| *x as usize).filter(|x| *x != v && *x != w) {
                let of_x = coloring.of[x];
                if of_x == NONE {
                    continue;
                }
                let closes_a_path = |y: &u32| *y as usize != w && *y as usize != x && coloring.of[*y as usize] == of_w;
                if of_w == NONE || rows[x].iter().any(closes_a_path) {
                    forbidden[of_x as usize] = v + 1;
                }
            }
        }
        coloring.paint(v, &mut forbidden);
    }
    coloring
}

#[cfg(test)]
mod tests {
    use super::*;

    fn symmetric(n: usize, pairs: &[(u32, u32)]) -> Vec<Vec<u32>> {
        let mut rows: Vec<Vec<u32>> = (0..n as u32).map(|i| vec![i]).collect();
        for (i, j) in pairs {
            rows[*i as usize].push(*j);
            rows[*j as usize].push(*i);
        }
        rows.iter_mut().for_each(|row| row.sort_unstable());
        rows
    }

    #[test]
    fn an_arrow_takes_two_colours_where_columns_apart_take_as_many_as_there_are() {
        let arrow = symmetric(20, &(1..20).map(|i| (0, i)).collect::<Vec<_>>());
        assert_eq!(star(&arrow).count, 2);
        assert_eq!(columns_apart(&arrow, &transposed(&arrow, 20)).count, 20);
    }

    #[test]
    fn no_path_of_four_has_two_colours() {
        let pairs: Vec<_> = (0..60u32).flat_map(|i| [(i, (i * 7 + 3) % 60), (i, (i + 1) % 60)]).collect();
        let rows = symmetric(60, &pairs.into_iter().filter(|(i, j)| i != j).collect::<Vec<_>>());
        let color = star(&rows).of;
        let next = |v: usize| rows[v].iter().map(|w| *w as usize).filter(move |w| *w != v);
        for a in 0..60 {
            for b in next(a) {
                assert_ne!(color[a], color[b]);
                for c in next(b).filter(|c| *c != a) {
                    for d in next(c).filter(|d| *d != b) {
                        assert!(color[a] != color[c] || color[b] != color[d] || a == d, "{a} {b} {c} {d}");
                    }
                }
            }
        }
    }
}
