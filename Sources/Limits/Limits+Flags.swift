/// Bounds of what a flag may say, and of what answering it may cost.
extension Limits {
    /// Variants of one flag; experiments have under ten, enumerated settings some dozens.
    package static let flagVariants = 100
    /// Longest name of a variant, in bytes of UTF-8: it goes into every answer and exposure.
    package static let flagVariantNameBytes = 128
    /// Largest definition of one flag, as compact JSON: a thousand individual targets fit.
    package static let flagBytes = 256 << 10
    /// Longest description, owner or tag, in bytes.
    package static let flagWordsBytes = 2_000
    /// Tags of one flag.
    package static let flagTags = 50
    /// Entries of a flat `metadata`; every answer carries them.
    package static let flagMetadata = 50
    /// Operators within operators after every `$ref` is put in place; the evaluator recurses.
    package static let flagLogicDepth = 64
    /// Operators and values of one flag's targeting after every `$ref` is put in place: shared
    /// rules within shared rules could double with each level.
    package static let flagLogicNodes = 20_000
    /// Steps of one evaluation: an operator, an item of a list and 32 bytes of text are one each.
    ///
    /// Some 20 ns each, so that the most expensive flag costs a millisecond; beyond is `GENERAL`.
    package static let flagSteps = 50_000
    /// Deepest nesting of a value that `reduce` builds up: values are walked by recursion.
    package static let flagValueDepth = 128
    /// Largest sum of weights, flagd's own: 2^31 - 1.
    package static let flagWeights: Int64 = 2_147_483_647
    /// Largest number of a variant: 2^53 - 1, beyond which JavaScript miscounts.
    package static let flagNumber: Int64 = 9_007_199_254_740_991
    /// Users, accounts and sessions that one target or segment names.
    package static let flagMembers = 10_000
    /// Prerequisites, targets, windows, seasons and steps of a rollout, of one flag each.
    package static let flagParts = 100
    /// Flags behind flags; a prerequisite of a prerequisite is rare.
    package static let flagPrerequisiteDepth = 16
    /// Largest context of an evaluation, in bytes: attributes of one user, not a document.
    package static let flagContextBytes = 64 << 10
    /// How long a rollout has gone to everybody, or to nobody, before it looks forgotten.
    package static let flagStaleness: Duration = .seconds(30 * 86_400)
    /// Flags, segments and evaluators of one set.
    package static let flagsInSet = 10_000
    /// Faults that one answer lists; whoever has more mends the first ones first.
    package static let flagFaults = 200
}
