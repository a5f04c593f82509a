/// Numbers as people read them.
public enum NumberText {
    /// Three significant digits or so.
    public static func short(_ value: Double) -> String {
        guard value.isFinite else { return "–" }
        let digits = abs(value) >= 100 || value == value.rounded() ? 0 : abs(value) >= 10 ? 1 : abs(value) >= 1 ? 2 : 3
        let scale = [1.0, 10, 100, 1000][digits]
        let rounded = (value * scale).rounded() / scale
        return digits == 0 ? grouped(Int(rounded)) : "\(rounded)"
    }

    /// 10,000
    public static func grouped(_ number: Int) -> String {
        let digits = Array("\(number)")
        var text = ""
        for (index, digit) in digits.enumerated() {
            if index > 0, (digits.count - index) % 3 == 0, digits[index - 1].isNumber { text.append(",") }
            text.append(digit)
        }
        return text
    }
}
