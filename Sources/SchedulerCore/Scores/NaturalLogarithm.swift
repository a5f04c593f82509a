/// Logarithms without the C library.
enum NaturalLogarithm {
    /// Of a positive number; zero for others.
    static func of(_ number: Int) -> Double {
        guard number > 0 else { return 0 }
        let value = Double(number)
        // value = significand · 2^exponent with the significand in 1..<2, whose logarithm is 2·artanh((s-1)/(s+1)).
        let ratio = (value.significand - 1) / (value.significand + 1)
        var (sum, power) = (0.0, ratio)
        for odd in stride(from: 1.0, through: 31, by: 2) {
            sum += power / odd
            power *= ratio * ratio
        }
        return 2 * sum + Double(value.exponent) * 0.693_147_180_559_945_3
    }
}
