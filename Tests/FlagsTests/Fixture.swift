import Entitlements

@testable import Flags

/// 2026-12-01T09:00:00Z.
let aTime = Instant(microseconds: 1_796_115_600_000_000)

func json(_ text: String) -> JSON {
    do { return try JSON(parsing: text) } catch { return .string("unreadable: \(error)") }
}

/// A set of flags, faults and all, from the text of a document.
func flagSet(_ text: String, killed: Set<String> = []) -> FlagSet {
    FlagSet(FlagDocument.read(json(text), faults: FaultList()), killed: killed)
}

/// Every fault of a document.
func faults(_ text: String) -> [FlagFault] {
    do throws(FlagFaults) {
        _ = try FlagDocument(json: json(text))
        return []
    } catch {
        return error.all
    }
}

/// What a rule gives, as JSON, for a context and a bucketing.
func result(
    _ rule: String,
    _ context: String = "{}",
    key: String? = nil,
    _ bucketing: Bucketing = .flagd3
) throws -> JSON {
    let list = FaultList()
    var compiler = LogicCompiler(shared: SharedRules(faults: list), faults: list)
    let node = compiler.compile(json(rule), at: "rule", as: .value)
    var interpreter = Interpreter(
        context: FlagContext(attributes: json(context).object ?? [:], targetingKey: key),
        flagKey: "new-checkout",
        salt: "new-checkout",
        bucketing: bucketing,
        at: aTime
    )
    return try interpreter.value(of: node, in: .context)
}

/// A small generator (SplitMix64) whose run can be repeated from its seed.
struct Seeded: RandomNumberGenerator {
    private var state: UInt64

    init(seed: UInt64) {
        state = seed
    }

    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var mixed = state
        mixed = (mixed ^ (mixed >> 30)) &* 0xBF58_476D_1CE4_E5B9
        mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
        return mixed ^ (mixed >> 31)
    }
}
