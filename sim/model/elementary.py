"""exp, log, tanh and the normal distribution: our own, so that they give the same bits on every machine.

A C library picks its code by processor, and NumPy's differs from version to version; these are sums, products and
quotients of floats alone, in a fixed order, which IEEE 754 determines to the last bit. They are within one or two units
in the last place of the true value over the whole range, and keep infinities and NaN: `tests/model/test_elementary.py`
holds them against 50 digits.
"""

from __future__ import annotations

from math import floor, inf, nan, sqrt

from sim.model.rule import bits_of, float_of, rule

LOG_OF_TEN = 2.302585092994046
_LN2_HIGH = 6.93147180369123816490e-01  # 32 bits of it, so that a whole number times it is exact
_LN2_LOW = 1.90821492927058770002e-10
_LOG2_E = 1.4426950408889634
_LOG10_E = 0.4342944819032518
_SQRT_HALF = 0.7071067811865476
_ROUND = 6755399441055744.0  # 1.5 x 2^52: added and taken off again, it rounds to a whole number
_SMALLEST_NORMAL = 2.2250738585072014e-308
_HALF_BITS = 0x3FE6A09E667F3BCD  # of the root of a half: mantissas are taken from there to the root of 2


@rule
def exp(x: float) -> float:
    """e to the power of x."""
    near = 710.0 if x > 710.0 else x
    near = -746.0 if near < -746.0 else near
    shifted = near * _LOG2_E + _ROUND
    n = bits_of(shifted) - 0x4338000000000000
    halves = shifted - _ROUND
    high = near - halves * _LN2_HIGH
    low = halves * _LN2_LOW
    r = high - low
    # Taylor's series to the 13th power, on |r| < 0.347; 1 + (r + what is left) rounds once where it counts.
    rest = 1.6059043836821613e-10
    rest = rest * r + 2.08767569878681e-09
    rest = rest * r + 2.505210838544172e-08
    rest = rest * r + 2.755731922398589e-07
    rest = rest * r + 2.7557319223985893e-06
    rest = rest * r + 2.48015873015873e-05
    rest = rest * r + 1.984126984126984e-04
    rest = rest * r + 1.388888888888889e-03
    rest = rest * r + 8.333333333333333e-03
    rest = rest * r + 4.1666666666666664e-02
    rest = rest * r + 1.6666666666666666e-01
    rest = rest * r + 0.5
    grown = 1.0 + (high + (r * r * rest - low))
    first = n >> 1  # in two steps, so that neither power of two leaves the range of floats
    return grown * float_of((first + 1023) << 52) * float_of((n - first + 1023) << 52)


@rule
def _log_parts(x: float) -> tuple[float, float, float]:
    """x = 2^k (1 + f): k, f and log(1 + f) - f + f^2/2 (Tang's form, as in Sun's library)."""
    scaled = x * 18014398509481984.0 if x < _SMALLEST_NORMAL else x
    bits = bits_of(scaled)
    exponent = (bits - _HALF_BITS) >> 52
    f = float_of(bits - (exponent << 52)) - 1.0
    s = f / (2.0 + f)
    z = s * s
    w = z * z
    odd = w * (3.999999999940941908e-01 + w * (2.222219843214978396e-01 + w * 1.531383769920937332e-01))
    even = z * (6.666666666666735130e-01 + w * (2.857142874366239149e-01 + w * (1.818357216161805012e-01
                + w * 1.479819860510558591e-01)))
    half = 0.5 * f * f
    k = float(exponent) - (54.0 if x < _SMALLEST_NORMAL else 0.0)
    return k, f, s * (half + (odd + even))


@rule
def log(x: float) -> float:
    """The natural logarithm; -inf at 0, NaN below."""
    k, f, rest = _log_parts(x)
    half = 0.5 * f * f
    result = k * _LN2_HIGH - ((half - (rest + k * _LN2_LOW)) - f)
    result = x if x == inf or x != x else result
    return -inf if x == 0.0 else nan if x < 0.0 else result


@rule
def log10(x: float) -> float:
    """The logarithm to base 10; -inf at 0, NaN below."""
    return log(x) * _LOG10_E


@rule
def tanh(x: float) -> float:
    """The hyperbolic tangent."""
    size = abs(x)
    if size < 0.6:
        return _small_tanh(x)
    size = 20.0 if size > 20.0 else size
    value = 1.0 - 2.0 / (exp(2.0 * size) + 1.0)
    return -value if x < 0.0 else value


@rule
def _small_tanh(x: float) -> float:
    """Lambert's continued fraction, cut off where the rest is below rounding for |x| < 0.6."""
    z = x * x
    tail = 13.0 + z / 15.0
    tail = 11.0 + z / tail
    tail = 9.0 + z / tail
    tail = 7.0 + z / tail
    tail = 5.0 + z / tail
    tail = 3.0 + z / tail
    return x - x * (z / (tail + z))


# ---- the normal distribution ---------------------------------------------------------------------------------------
@rule
def normal_quantile(p: float) -> float:
    """The number below which a standard normal lies with probability p; -inf at 0, inf at 1, NaN outside.

    Source: Wichura (1988), algorithm AS 241.
    """
    q = p - 0.5
    if abs(q) <= 0.425:
        r = 0.180625 - q * q
        top = (((((((2.5090809287301226727e3 * r + 3.3430575583588128105e4) * r + 6.7265770927008700853e4) * r
                   + 4.5921953931549871457e4) * r + 1.3731693765509461125e4) * r + 1.9715909503065514427e3) * r
                + 1.3314166789178437745e2) * r + 3.3871328727963666080e0)
        bottom = (((((((5.2264952788528545610e3 * r + 2.8729085735721942674e4) * r + 3.9307895800092710610e4) * r
                      + 2.1213794301586595867e4) * r + 5.3941960214247511077e3) * r + 6.8718700749205790830e2) * r
                   + 4.2313330701600911252e1) * r + 1.0)
        return q * (top / bottom)
    if not 0.0 < p < 1.0:
        return -inf if p == 0.0 else inf if p == 1.0 else nan
    r = sqrt(-log(p if q < 0.0 else 1.0 - p))
    if r <= 5.0:
        r = r - 1.6
        top = (((((((7.74545014278341407640e-4 * r + 2.27238449892691845833e-2) * r + 2.41780725177450611770e-1) * r
                   + 1.27045825245236838258e0) * r + 3.64784832476320460504e0) * r + 5.76949722146069140550e0) * r
                + 4.63033784615654529590e0) * r + 1.42343711074968357734e0)
        bottom = (((((((1.05075007164441684324e-9 * r + 5.47593808499534494600e-4) * r + 1.51986665636164571966e-2) * r
                      + 1.48103976427480074590e-1) * r + 6.89767334985100004550e-1) * r + 1.67638483018380384940e0) * r
                   + 2.05319162663775882187e0) * r + 1.0)
    else:
        r = r - 5.0
        top = (((((((2.01033439929228813265e-7 * r + 2.71155556874348757815e-5) * r + 1.24266094738807843860e-3) * r
                   + 2.65321895265761230930e-2) * r + 2.96560571828504891230e-1) * r + 1.78482653991729133580e0) * r
                + 5.46378491116411436990e0) * r + 6.65790464350110377720e0)
        bottom = (((((((2.04426310338993978564e-15 * r + 1.42151175831644588870e-7) * r + 1.84631831751005468180e-5) * r
                      + 7.86869131145613259100e-4) * r + 1.48753612908506148525e-2) * r + 1.36929880922735805310e-1) * r
                   + 5.99832206555887937690e-1) * r + 1.0)
    value = top / bottom
    return -value if q < 0.0 else value


@rule
def normal_probability(x: float) -> float:
    """The probability that a standard normal lies below x. Source: Cody (1969), rational approximations."""
    size = abs(x)
    if size > 39.0:  # as far out as floats reach
        return 0.0 if x < 0.0 else 1.0
    y = size * _SQRT_HALF
    if y <= 0.46875:
        return 0.5 + 0.5 * _erf_near_zero(x * _SQRT_HALF)
    # exp(-x^2 / 2) in two steps: the square of a few bits is exact, and what is left of x^2 is small.
    coarse = floor(size * 16.0) / 16.0
    left = (size - coarse) * (size + coarse)
    tail = 0.5 * _scaled_erfc(y) * (exp(-0.5 * coarse * coarse) * exp(-0.5 * left))
    return tail if x < 0.0 else 1.0 - tail


@rule
def _erf_near_zero(y: float) -> float:
    """erf for |y| up to 0.46875."""
    z = y * y
    top = ((((1.85777706184603153e-1 * z + 3.16112374387056560e0) * z + 1.13864154151050156e2) * z
            + 3.77485237685302021e2) * z + 3.20937758913846947e3)
    bottom = ((((z + 2.36012909523441209e1) * z + 2.44024637934444173e2) * z + 1.28261652607737228e3) * z
              + 2.84423683343917062e3)
    return y * (top / bottom)


@rule
def _scaled_erfc(y: float) -> float:
    """exp(y^2) erfc(y) for y above 0.46875."""
    if y <= 4.0:
        top = ((((((((2.15311535474403846e-8 * y + 5.64188496988670089e-1) * y + 8.88314979438837594e0) * y
                    + 6.61191906371416295e1) * y + 2.98635138197400131e2) * y + 8.81952221241769090e2) * y
                 + 1.71204761263407058e3) * y + 2.05107837782607147e3) * y + 1.23033935479799725e3)
        bottom = ((((((((y + 1.57449261107098347e1) * y + 1.17693950891312499e2) * y + 5.37181101862009858e2) * y
                       + 1.62138957456669019e3) * y + 3.29079923573345963e3) * y + 4.36261909014324716e3) * y
                   + 3.43936767414372164e3) * y + 1.23033935480374942e3)
        return top / bottom
    z = 1.0 / (y * y)
    top = (((((1.63153871373020978e-2 * z + 3.05326634961232344e-1) * z + 3.60344899949804439e-1) * z
             + 1.25781726111229246e-1) * z + 1.60837851487422766e-2) * z + 6.58749161529837803e-4)
    bottom = (((((z + 2.56852019228982242e0) * z + 1.87295284992346047e0) * z + 5.27905102951428412e-1) * z
               + 6.05183413124413191e-2) * z + 2.33520497626869185e-3)
    return (0.56418958354775628695 - z * (top / bottom)) / y
