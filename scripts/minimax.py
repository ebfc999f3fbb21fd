#!/usr/bin/env python3
"""Generates the constants of the vector mathematics: src/tensor/kernels/vector/coefficients.rs.

    python3 scripts/minimax.py            writes the file (needs mpmath; a minute)
    python3 scripts/minimax.py --check    fails where the file is not what would be written

Every polynomial is the minimax polynomial of its function in the norm that the kernel needs, found with Remez'
exchange in 50 digits. Coefficients are rounded one after another, lowest power first, and the first few times the
others are fitted again around the rounded ones.
"""

import contextlib
import io
import pathlib
import struct
import sys

from mpmath import mp, mpf

FILE = pathlib.Path(__file__).parent.parent / "src/tensor/kernels/vector/coefficients.rs"

mp.dps = 50
POINTS = 400  # where the error is looked at, per interval


def single(x):
    """The nearest f32."""
    return mpf(struct.unpack("f", struct.pack("f", float(x)))[0])


def double(x):
    """The nearest f64."""
    return mpf(float(x))


def leading(x, bits):
    """x with its mantissa cut to so many bits: products with small whole numbers are then exact."""
    mantissa, exponent = mp.frexp(x)
    return mp.ldexp(mp.floor(mp.ldexp(mantissa, bits)), exponent - bits)


def remez(function, weight, low, high, powers):
    """Coefficients c of minimal max |weight(x) (sum of c[i] x^powers[i] - function(x))|, and that maximum."""
    count = len(powers) + 1
    nodes = [(low + high - (high - low) * mp.cos(mp.pi * (2 * i + 1) / (2 * count))) / 2 for i in range(count)]
    grid = [(low + high - (high - low) * mp.cos(mp.pi * (i + mpf(1) / 2) / POINTS)) / 2 for i in range(POINTS)]
    grid = [(x, function(x), weight(x)) for x in [mpf(low)] + grid + [mpf(high)]]
    for _ in range(20):
        matrix = mp.matrix(count, count)
        values = mp.matrix(count, 1)
        for row, x in enumerate(nodes):
            for column, power in enumerate(powers):
                matrix[row, column] = weight(x) * x**power
            matrix[row, count - 1] = (-1) ** row
            values[row] = weight(x) * function(x)
        solution = mp.lu_solve(matrix, values)
        coefficients = list(solution[: count - 1])
        errors = [(x, w * (sum(c * x**p for c, p in zip(coefficients, powers)) - f)) for x, f, w in grid]
        worst = max(abs(error) for _, error in errors)
        # The largest error of each run of one sign is the next node.
        extremes = []
        for x, error in errors:
            if extremes and (extremes[-1][1] > 0) == (error > 0):
                extremes[-1] = max(extremes[-1], (x, error), key=lambda pair: abs(pair[1]))
            else:
                extremes.append((x, error))
        while len(extremes) > count:
            extremes.pop(0 if abs(extremes[0][1]) < abs(extremes[-1][1]) else -1)
        if len(extremes) < count or worst < abs(solution[count - 1]) * mpf("1.01"):
            break
        nodes = [x for x, _ in extremes]
    return coefficients, worst


def rounded(function, weight, low, high, degree, nearest, refits=3, parts=False):
    """The coefficients as machine numbers, lowest power first, and the binary logarithm of the error.

    In `parts`, the first one is not rounded: it is given as two numbers.
    """
    fixed = []
    for power in range(min(refits, degree)):
        remainder = lambda x: function(x) - mp.polyval(fixed[::-1], x)
        coefficients, worst = remez(remainder, weight, low, high, list(range(power, degree + 1)))
        if power == 0:
            error = mp.log(worst, 2)
        fixed.append(coefficients[0] if parts and power == 0 else nearest(coefficients[0]))
    return fixed + [nearest(c) for c in coefficients[1:]], error


def series(direct, limit):
    """The function without its removable singularity at 0."""
    return lambda x: direct(x) if abs(x) > mpf(10) ** -12 else mpf(limit)


def odd_tail(function, third):
    """(f(a) - a)/a^3 as a function of z = a^2."""
    return series(lambda z: (function(mp.sqrt(z)) / mp.sqrt(z) - 1) / z, third)


def relative_to(function):
    """The weight with which an error of the tail above counts relative to f(a)."""
    return series(lambda z: mp.sqrt(z) * z / function(mp.sqrt(z)), 0)


def two_atanh(s):
    return 2 * mp.atanh(s)


HALF_LN2 = mpf("0.347")  # half of ln 2, with room for the rounding of the quotient
LN_Z = ((mp.sqrt(2) - 1) / (mp.sqrt(2) + 1)) ** 2 * mpf("1.001")
QUARTER_PI = mp.pi / 4 * mpf("1.0001")
ROOT_LOW, ROOT_HIGH = mp.sqrt(mpf(1) / 2) - 1, mp.sqrt(2) - 1


def erfcx_of(a):
    """(a + 1/2) exp(a²) erfc(a), which is nearly constant."""
    return mp.exp(a * a) * mp.erfc(a) * (a + mpf(1) / 2)


def mills_of(a):
    """(a + 3/4) exp(a²/2) Φ(-a), which is nearly constant."""
    return mp.exp(a * a / 2) * mp.erfc(a / mp.sqrt(2)) / 2 * (a + mpf(3) / 4)


# Both in t = (a - c)/(a + c). The map of 0..inf to -1..1 has to bend where they do: these c gave the smallest degrees.
ERFCX_CENTER = {"single": mpf("2.5"), "double": mpf(4)}
MILLS_CENTER = {"single": mpf("3.5"), "double": mpf("5.5")}


def tail(name, text, of, center, low, high, degree):
    """A row of the table below for one type: low and high are values of a."""
    mapped = lambda t: of(center * (1 + t) / (1 - t))
    low, high = ((mpf(a) - center) / (mpf(a) + center) for a in (low, high))
    text += " of t = (a - c)/(a + c), to where erfc is 0"
    return name, text, mapped, lambda t: 1 / mapped(t), (low, high, degree)


def tails(module):
    """The rows for one type."""
    erfcx, mills = "(a + 1/2) exp(a²) erfc(a)", "(a + 3/4) exp(a²/2) Φ(-a)"
    e, m = ERFCX_CENTER[module], MILLS_CENTER[module]
    erfc_end, gelu_end, degree = ("10.4", "14.7", 9) if module == "single" else ("27.5", "38.9", 21)
    return [
        tail("ERFCX", erfcx, erfcx_of, e, "0.49", erfc_end, degree),
        tail("MILLS", mills, mills_of, m, "0.54", gelu_end, degree),
    ]


# What follows the leading terms of lgamma and its derivatives for large x is a polynomial in z = 1/x² there.
STIRLING_Z = mpf("0.0626")  # x >= 4
HALF_LN_TWO_PI = mp.log(2 * mp.pi) / 2
DIGAMMA_ROOT = mp.findroot(lambda x: mp.psi(0, x), mpf("1.4616321"))


def at_infinity(function, limit):
    """The function of x as one of z = 1/x²."""
    return lambda z: function(1 / mp.sqrt(z)) if z > mpf(10) ** -18 else mpf(limit)


def stirling(x):
    return (mp.loggamma(x) - (x - mpf(1) / 2) * mp.log(x) + x - HALF_LN_TWO_PI) * x


def from_one_to_four(function, removable):
    """The function of y as one of t = (y - 2)/(y + 2). Its removable singularities are given with the limits there."""

    def mapped(t):
        y = 2 * (1 + t) / (1 - t)
        near = [limit for at, limit in removable if abs(y - at) < mpf(10) ** -18]
        return near[0] if near else function(y)

    return mapped


LGAMMA_OF = from_one_to_four(
    lambda y: mp.loggamma(y) / ((y - 1) * (y - 2)), [(mpf(1), mp.euler), (mpf(2), 1 - mp.euler)])
DIGAMMA_OF = from_one_to_four(
    lambda y: mp.psi(0, y) / (y - DIGAMMA_ROOT), [(DIGAMMA_ROOT, mp.psi(1, DIGAMMA_ROOT))])
TRIGAMMA_OF = from_one_to_four(lambda y: y * mp.psi(1, y), [])
T_LOW, T_HIGH = mpf("-0.33334"), mpf("0.33334")

POLYNOMIALS = [
    # name, documentation, function, weight, (low, high) and degree for f32 and for f64
    ("EXPM1", "(expm1(r) - r)/r², |r| <= ln(2)/2, relative to expm1(r)",
     series(lambda r: (mp.expm1(r) - r) / r**2, mpf(1) / 2), series(lambda r: abs(r**2 / mp.expm1(r)), 0),
     (-HALF_LN2, HALF_LN2, 5), (-HALF_LN2, HALF_LN2, 10)),
    ("LN", "(2 atanh(s) - 2 s)/s³ of z = s², s <= (√2 - 1)/(√2 + 1), relative to 2 atanh(s)",
     series(lambda z: (two_atanh(mp.sqrt(z)) / mp.sqrt(z) - 2) / z, mpf(2) / 3),
     series(lambda z: mp.sqrt(z) * z / two_atanh(mp.sqrt(z)), 0), (0, LN_Z, 3), (0, LN_Z, 6)),
    ("TANH", "(tanh(a) - a)/a³ of z = a², a <= 0.55, relative to tanh(a)",
     odd_tail(mp.tanh, -mpf(1) / 3), relative_to(mp.tanh), (0, mpf("0.56") ** 2, 5), (0, mpf("0.56") ** 2, 11)),
    ("SINH", "(sinh(a) - a)/a³ of z = a², a <= 1, relative to sinh(a)",
     odd_tail(mp.sinh, mpf(1) / 6), relative_to(mp.sinh), (0, 1, 3), (0, 1, 6)),
    ("SIN", "(sin(r) - r)/r³ of z = r², |r| <= π/4, relative to sin(r)",
     odd_tail(mp.sin, -mpf(1) / 6), relative_to(mp.sin), (0, QUARTER_PI**2, 3), (0, QUARTER_PI**2, 6)),
    ("COS", "(cos(r) - 1 + r²/2)/r⁴ of z = r², |r| <= π/4",
     series(lambda z: (mp.cos(mp.sqrt(z)) - 1 + z / 2) / z**2, mpf(1) / 24), lambda z: z**2,
     (0, QUARTER_PI**2, 2), (0, QUARTER_PI**2, 5)),
    ("ATAN", "(atan(a) - a)/a³ of z = a², a <= √2 - 1, relative to atan(a)",
     odd_tail(mp.atan, -mpf(1) / 3), relative_to(mp.atan), (0, mpf("0.4143") ** 2, 4), (0, mpf("0.4143") ** 2, 10)),
    ("ASIN", "(asin(a) - a)/a³ of z = a², a <= 1/2, relative to asin(a)",
     odd_tail(mp.asin, mpf(1) / 6), relative_to(mp.asin), (0, mpf("0.2501"), 5), (0, mpf("0.2501"), 12)),
    ("ASINH", "(asinh(a) - a)/a³ of z = a², a <= 1/2, relative to asinh(a)",
     odd_tail(mp.asinh, -mpf(1) / 6), relative_to(mp.asinh), (0, mpf("0.2501"), 5), (0, mpf("0.2501"), 13)),
    ("CBRT", "cbrt(1 + f), √½ <= 1 + f <= √2, relative",
     lambda f: mp.cbrt(1 + f), lambda f: 1 / mp.cbrt(1 + f), (ROOT_LOW, ROOT_HIGH, 4), (ROOT_LOW, ROOT_HIGH, 5)),
    ("ERF_NEAR", "erf(a)/a - 1 of z = a², a <= 0.75",
     series(lambda z: mp.erf(mp.sqrt(z)) / mp.sqrt(z) - 1, 2 / mp.sqrt(mp.pi) - 1), lambda z: mpf(1),
     (0, mpf("0.75") ** 2, 6), (0, mpf("0.75") ** 2, 10)),
    ("ERF_FAR", "-ln(erfc(a)) of a - 0.75, from a = 0.75 to where erf(a) is 1",
     lambda b: -mp.log(mp.erfc(b + mpf("0.75"))), lambda b: mp.erfc(b + mpf("0.75")) / mp.erf(b + mpf("0.75")),
     (0, mpf("3.2"), 7), (0, mpf("5.2"), 20)),
    ("GELU_NEAR", "(Φ(a) - 1/2)/a of z = a², a <= 0.55",
     series(lambda z: (mp.ncdf(mp.sqrt(z)) - mpf(1) / 2) / mp.sqrt(z), 1 / mp.sqrt(2 * mp.pi)), lambda z: mpf(1),
     (0, mpf("0.56") ** 2, 4), (0, mpf("0.56") ** 2, 8)),
    ("LGAMMA", "lgamma(y)/((y - 1)(y - 2)) of t = (y - 2)/(y + 2), 1 <= y <= 4, relative",
     LGAMMA_OF, lambda t: 1 / LGAMMA_OF(t), (T_LOW, T_HIGH, 10), (T_LOW, T_HIGH, 22)),
    ("STIRLING", "x (lgamma(x) - (x - 1/2) ln(x) + x - ln(2π)/2) of z = 1/x², x >= 4, relative to lgamma(x)",
     at_infinity(stirling, mpf(1) / 12), lambda z: mp.sqrt(z) / mpf("1.7"), (0, STIRLING_Z, 2), (0, STIRLING_Z, 9)),
    ("DIGAMMA", "ψ(y)/(y - ρ), with its root ρ, of t = (y - 2)/(y + 2), 1 <= y <= 4, relative",
     DIGAMMA_OF, lambda t: 1 / DIGAMMA_OF(t), (T_LOW, T_HIGH, 12), (T_LOW, T_HIGH, 24)),
    ("DIGAMMA_FAR", "x² (ln(x) - 1/(2x) - ψ(x)) of z = 1/x², x >= 4, relative to ψ(x)",
     at_infinity(lambda x: (mp.log(x) - 1 / (2 * x) - mp.psi(0, x)) * x**2, mpf(1) / 12), lambda z: z / mpf("1.25"),
     (0, STIRLING_Z, 2), (0, STIRLING_Z, 9)),
    ("TRIGAMMA", "y ψ'(y) of t = (y - 2)/(y + 2), 1 <= y <= 4, relative",
     TRIGAMMA_OF, lambda t: 1 / TRIGAMMA_OF(t), (T_LOW, T_HIGH, 12), (T_LOW, T_HIGH, 24)),
    ("TRIGAMMA_FAR", "x³ (ψ'(x) - 1/x - 1/(2x²)) of z = 1/x², x >= 4, relative to ψ'(x)",
     at_infinity(lambda x: (mp.psi(1, x) - 1 / x - 1 / (2 * x**2)) * x**3, mpf(1) / 6), lambda z: z,
     (0, STIRLING_Z, 3), (0, STIRLING_Z, 10)),
]

# Where the value is nearly the constant term, the rounding of that is most of the error.
IN_PARTS = ("ERFCX", "MILLS", "LGAMMA", "DIGAMMA", "TRIGAMMA")

GELU, CUBIC = mp.sqrt(8 / mp.pi), mpf("0.044715")
LN2, LN10, PIO2 = mp.log(2), mp.log(10), mp.pi / 2


def scalars(nearest, bits):
    """Constants in two parts. A leading part is short, so that its products with whole numbers are exact."""
    short = 16 if bits == 24 else 32
    half = 12 if bits == 24 else 26
    ln2_high = leading(LN2, short)
    log10_2_high = leading(LN2 / LN10, short)
    log2_high, log10_high = leading(1 / LN2, half), leading(1 / LN10, half)
    return [
        ("LN2_HIGH", "ln 2, leading bits", ln2_high),
        ("LN2_LOW", "ln 2, the rest", LN2 - ln2_high),
        ("LOG2_E_HIGH", "1/ln 2, leading bits", log2_high),
        ("LOG2_E_LOW", "1/ln 2, the rest", 1 / LN2 - log2_high),
        ("LOG10_E_HIGH", "1/ln 10, leading bits", log10_high),
        ("LOG10_E_LOW", "1/ln 10, the rest", 1 / LN10 - log10_high),
        ("LOG10_2_HIGH", "log10 2, leading bits", log10_2_high),
        ("LOG10_2_LOW", "log10 2, the rest", LN2 / LN10 - log10_2_high),
        ("LN2_ROUNDED", "ln 2 as one number", LN2),
        ("LN2_ERROR", "what its rounding lost", LN2 - nearest(LN2)),
        ("GELU_LINEAR", "√(8/π), twice the factor in the tanh form of GELU", GELU),
        ("GELU_LINEAR_ERROR", "what its rounding lost", GELU - nearest(GELU)),
        ("GELU_CUBIC", "√(8/π) times 0.044715", GELU * CUBIC),
        ("GELU_CUBIC_ERROR", "what its rounding lost", GELU * CUBIC - nearest(GELU * CUBIC)),
        ("HALF_LN_TWO_PI", "ln(2π)/2", HALF_LN_TWO_PI),
        ("DIGAMMA_ROOT", "the positive root of ψ less 1", DIGAMMA_ROOT - 1),
        ("DIGAMMA_ROOT_ERROR", "what its rounding lost", DIGAMMA_ROOT - 1 - nearest(DIGAMMA_ROOT - 1)),
        ("QUARTER_PI", "π/4 as one number", PIO2 / 2),
        ("QUARTER_PI_ERROR", "what its rounding lost", PIO2 / 2 - nearest(PIO2 / 2)),
    ]


def half_pi():
    """π/2 in parts of 33 bits and a rest, all f64: the reduction of f32 arguments is done in f64 too."""
    parts, rest = [], PIO2
    for _ in range(3):
        parts.append(leading(rest, 33))
        rest -= parts[-1]
    return parts + [rest]


def fifth():
    """What follows the first two terms of a logarithm, for powers in f64."""
    function = series(lambda z: (two_atanh(mp.sqrt(z)) / mp.sqrt(z) - 2 - 2 * z / 3) / z**2, mpf(2) / 5)
    weight = series(lambda z: mp.sqrt(z) * z**2 / two_atanh(mp.sqrt(z)), 0)
    return rounded(function, weight, mpf(0), LN_Z, 6, double)


def table(coefficients, nearest, indent):
    """Lines of literals, the highest power first."""
    line = indent
    for c in reversed(coefficients):
        word = f" {literal(c, nearest)},"
        if len(line + word) > 118:
            print(line)
            line = indent
        line += word
    return line


def literal(x, nearest):
    """The shortest decimal that reads back as the machine number."""
    x = nearest(x)
    for digits in range(1, 19):
        text = mp.nstr(x, digits, strip_zeros=True, min_fixed=-4, max_fixed=6)
        if nearest(mpf(text)) == x:
            break
    mantissa, _, exponent = text.partition("e")
    mantissa = mantissa if "." in mantissa else mantissa + ".0"
    whole, _, fraction = mantissa.partition(".")
    # Groups of three digits, as clippy reads long literals.
    fraction = "_".join(fraction[i : i + 3] for i in range(0, len(fraction), 3))
    return f"{whole}.{fraction}" + (f"e{int(exponent)}" if exponent else "")


def constants():
    print("//! Constants of the vector mathematics. Generated by scripts/minimax.py; nothing here is typed by hand, and")
    print("//! `python3 scripts/minimax.py --check` shows it.")
    for module, real, nearest, bits in (("single", "f32", single, 24), ("double", "f64", double, 53)):
        print(f"\n/// For {real}. Polynomials begin with the highest power.")
        print("#[rustfmt::skip]")
        print(f"#[allow(clippy::approx_constant)]\npub(super) mod {module} {{")
        for name, text, value in scalars(nearest, bits):
            print(f"    /// {text}.")
            print(f"    pub(crate) const {name}: {real} = {literal(value, nearest)};")
        for name, centers in (("ERFCX", ERFCX_CENTER), ("MILLS", MILLS_CENTER)):
            print(f"    /// The number c in the variable of `{name}`.")
            print(f"    pub(crate) const {name}_CENTER: {real} = {literal(centers[module], nearest)};")
        tables = [(n, t, f, w, spans[bits == 53]) for n, t, f, w, *spans in POLYNOMIALS]
        for name, text, function, weight, (low, high, degree) in tables + tails(module):
            parts = name in IN_PARTS
            coefficients, error = rounded(function, weight, mpf(low), mpf(high), degree, nearest, parts=parts)
            print(f"    /// {text}: error 2^{mp.nstr(error, 3)}.")
            print(f"    pub(crate) const {name}: [{real}; {degree + 1}] = [")
            line = table(coefficients, nearest, "       ")
            print(f"{line}\n    ];")
            if parts:
                lost = coefficients[0] - nearest(coefficients[0])
                print(f"    /// what the rounding of the last coefficient of `{name}` lost.")
                print(f"    pub(crate) const {name}_REST: {real} = {literal(lost, nearest)};")
        print("}")
    print("\n/// π/2 in three parts of 33 bits, whose products with whole numbers below 2^20 are exact, and a rest.")
    print("#[rustfmt::skip]")
    print("pub(super) const HALF_PI: [f64; 4] = [")
    print("    " + ", ".join(literal(part, double) for part in half_pi()) + ",\n];")
    coefficients, error = fifth()
    print("\n/// (2 atanh(s) - 2 s - 2/3 s³)/s⁵ of z = s² as for `LN`, for f64: error 2^" + mp.nstr(error, 3) + ".")
    print("#[rustfmt::skip]")
    print(f"pub(super) const LN_FIFTH: [f64; {len(coefficients)}] = [")
    print(table(coefficients, double, "   ") + "\n];")


def main():
    with contextlib.redirect_stdout(io.StringIO()) as text:
        constants()
    if "--check" not in sys.argv[1:]:
        FILE.write_text(text.getvalue())
    elif FILE.read_text() != text.getvalue():
        sys.exit(f"{FILE} is not what this script writes")


main()
