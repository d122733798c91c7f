import Foundation
import Synchronization

extension Zone {
    /// The zone of a name of the tz database, such as `Europe/Berlin` or `UTC`.
    ///
    /// Letter case counts. Built once per process and name, from the tables that Foundation brings
    /// along: nothing is read from disk, and the installed tz database plays no part.
    ///
    /// Nil for anything else. Abbreviations (`PST`, `BST`) and offsets (`GMT+2`) name a clock, but
    /// no place whose clocks change.
    package init?(named name: String) {
        guard let zone = Self.built.withLock({ $0[name] }) ?? Self.build(name) else { return nil }
        self = zone
    }

    /// Only what exists is kept, so names from outside cannot fill it: the database has some 600,
    /// and all of them together take under 2 MiB.
    private static let built = Mutex<[String: Zone]>([:])

    /// The seconds from 1970 to 1900 and to 2200.
    ///
    /// Before, few places had zones; after, the rules of today are a guess, and a longer table
    /// would make every lookup slower.
    private static let tabled: Range<TimeInterval> = -2_208_988_800..<7_258_118_400

    private static func build(_ name: String) -> Zone? {
        guard isDatabaseName(name), let zone = TimeZone(identifier: name) else { return nil }
        let first = Date(timeIntervalSince1970: tabled.lowerBound)
        guard
            let made = Zone(
                name: name,
                firstOffsetSeconds: Int64(zone.secondsFromGMT(for: first)),
                transitions: transitions(of: zone, after: first)
            )
        else { return nil }
        built.withLock { $0[name] = made }
        return made
    }

    /// Every change of the offset.
    ///
    /// Foundation's "daylight saving time transitions" are, on Linux, all of ICU's: also those to
    /// another zone, over the date line, and to another law with the same offset, which drop out.
    private static func transitions(of zone: TimeZone, after first: Date) -> [Transition] {
        var transitions: [Transition] = []
        var offset = zone.secondsFromGMT(for: first)
        var last = first
        while let next = zone.nextDaylightSavingTimeTransition(after: last), next > last,
            next.timeIntervalSince1970 < tabled.upperBound
        {
            last = next
            let changed = zone.secondsFromGMT(for: next)
            guard changed != offset else { continue }
            offset = changed
            let seconds = Int64(next.timeIntervalSince1970.rounded())
            transitions.append(
                Transition(
                    at: Instant(microseconds: seconds * 1_000_000),
                    offsetSeconds: Int64(changed)
                )
            )
        }
        return transitions
    }

    /// Whether a name is one that the tz database may have.
    ///
    /// Foundation takes more: `GMT+2`, ICU's old three letters, of which `BST` is Bangladesh and
    /// `AST` Alaska, and zones of System V. It also overlooks a NUL byte at the end.
    private static func isDatabaseName(_ name: String) -> Bool {
        guard name.utf8.contains(UInt8(ascii: "/")) else { return namesWithoutPlace.contains(name) }
        guard !name.hasPrefix("SystemV/") else { return false }
        return name.utf8.allSatisfy { byte in
            switch byte {
            case UInt8(ascii: "A")...UInt8(ascii: "Z"), UInt8(ascii: "a")...UInt8(ascii: "z"),
                UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "/"), UInt8(ascii: "_"),
                UInt8(ascii: "+"), UInt8(ascii: "-"):
                true
            default: false
            }
        }
    }

    /// The names of the database that have no `/`, without `Factory`, which stands for "not set".
    private static let namesWithoutPlace: Set<String> = [
        "CET", "CST6CDT", "Cuba", "EET", "EST", "EST5EDT", "Egypt", "Eire", "GB", "GB-Eire", "GMT",
        "GMT+0", "GMT-0", "GMT0", "Greenwich", "HST", "Hongkong", "Iceland", "Iran", "Israel",
        "Jamaica", "Japan", "Kwajalein", "Libya", "MET", "MST", "MST7MDT", "NZ", "NZ-CHAT",
        "Navajo", "PRC", "PST8PDT", "Poland", "Portugal", "ROC", "ROK", "Singapore", "Turkey",
        "UCT", "UTC", "Universal", "W-SU", "WET", "Zulu",
    ]
}
