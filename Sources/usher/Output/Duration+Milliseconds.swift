extension Duration {
    /// The duration in milliseconds.
    var milliseconds: Double { self / .milliseconds(1) }

    /// The duration for people: `0.7 ms`.
    var inMilliseconds: String {
        let tenths = Int64((milliseconds * 10).rounded())
        return "\(tenths / 10).\(tenths % 10) ms"
    }
}
