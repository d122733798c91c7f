/// Bounds of what a catalog may say.
extension Limits {
    /// Largest file of the catalog; a plan with a hundred features is some 8 KiB.
    package static let catalogFileBytes = 256 << 10
    /// Deepest nesting and most values in one file, so that YAML aliases cannot multiply it.
    package static let catalogNesting = 8
    package static let catalogValues = 20_000
    /// Largest limit of a feature: 2^53 - 1, beyond which JavaScript miscounts.
    package static let limitUnits: Int64 = 9_007_199_254_740_991
    /// Longest trial that a plan may offer: two years, which is also Stripe's bound.
    package static let trialDays: Int64 = 730
    /// Longest grace for a payment that failed; longer is no grace but a free plan.
    package static let graceDays: Int64 = 90
    /// Most units of its pool that one unit of a feature takes: with the largest quantity of a call
    /// it still saturates, and never overflows.
    package static let poolCost: Int64 = 1_000_000_000
    /// Largest share of a limit, in percent, that goes beyond it or rolls over: ten times as much.
    package static let sharePercent: Int64 = 1_000
    /// Longest that what rolled over is kept, ten years: what is meant to stay has no `months`.
    package static let rolloverMonths: Int64 = 120
    /// Last place in the order in which allowances and credits are burnt.
    package static let burnPriority: Int64 = 255
    /// Alert thresholds of one limit, and the largest, in percent (overage goes past 100).
    package static let alerts = (most: 10, percent: Int64(1_000))
}
