import CCurl
import Limits
import Logging

/// Runs every transfer of one client, on one thread, with one pool of connections.
///
/// One thread suffices: a callback is a few system calls, and libcurl's event interface for foreign
/// loops had stalls up to 8.10 (curl#14325). No handle ever leaves this thread.
final class Worker {
    private let mailbox: Mailbox
    private let settings: ClientSettings
    private let multi: MultiHandle
    private var lanes: Lanes<Call>
    private var running: [UInt64: Transfer] = [:]
    /// No call that waits has an earlier deadline.
    private var nextDeadline: ContinuousClock.Instant?

    init(mailbox: Mailbox, settings: ClientSettings) {
        self.mailbox = mailbox
        self.settings = settings
        multi = MultiHandle(pooled: settings.inFlight)
        lanes = Lanes(total: settings.inFlight, perHost: Limits.callbackConnections)
    }

    /// Works until the mailbox closes, and then answers everybody who still waits.
    func run() {
        unsafe mailbox.opened(waker: multi.waker)
        while true {
            let (letters, closing) = mailbox.empty()
            for letter in letters { obey(letter) }
            if closing { break }
            multi.perform()
            while let (id, code) = multi.nextEnd() { finish(id, code: code) }
            expire()
            startNext()
            multi.poll(milliseconds: patience())
        }
        mailbox.sealed()
        leave()
    }

    private func obey(_ letter: Mailbox.Letter) {
        switch letter {
        case .start(let call):
            lanes.append(call, lane: call.target.lane)
            nextDeadline = min(nextDeadline ?? call.deadline, call.deadline)
        case .cancel(let id):
            if let transfer = running[id] {
                release(transfer)
                transfer.call.end(.failure(.cancelled))
            } else {
                // The call may have ended already; then there is nobody to tell.
                for call in lanes.remove(where: { $0.id == id }) { call.end(.failure(.cancelled)) }
            }
        }
    }

    private func startNext() {
        while let call = lanes.next() {
            if !begin(call, fresh: false) { lanes.release(lane: call.target.lane) }
        }
    }

    /// Gives a call, which has a slot, to libcurl; false when it ended right here.
    private func begin(_ call: Call, fresh: Bool) -> Bool {
        do {
            let transfer = try Transfer(call, settings: settings, now: .now, fresh: fresh)
            multi.add(transfer.handle)
            running[call.id] = transfer
            return true
        } catch {
            call.end(.failure(error))
            return false
        }
    }

    private func finish(_ id: UInt64, code: Int32) {
        guard let transfer = running[id] else { preconditionFailure("a transfer ended twice") }
        let now = ContinuousClock.now
        multi.remove(transfer.handle)
        running[id] = nil
        if transfer.deservesAnother(after: code, now: now) {
            settings.logger.debug(
                "trying again on a new connection",
                metadata: ["host": "\(transfer.call.target.host)", "libcurl": "\(code)"]
            )
            if !begin(transfer.call, fresh: true) {
                lanes.release(lane: transfer.call.target.lane)
            }
            return
        }
        lanes.release(lane: transfer.call.target.lane)
        transfer.call.end(transfer.outcome(of: code, now: now))
    }

    private func release(_ transfer: Transfer) {
        multi.remove(transfer.handle)
        running[transfer.call.id] = nil
        lanes.release(lane: transfer.call.target.lane)
    }

    /// Ends the calls whose time ran out while they waited for a slot.
    private func expire() {
        let now = ContinuousClock.now
        guard let due = nextDeadline, due <= now else { return }
        for call in lanes.remove(where: { $0.deadline <= now }) { call.end(.failure(.timeout)) }
        nextDeadline = lanes.waiting.map(\.deadline).min()
    }

    /// How long a poll may last: libcurl knows its own timers, not our line.
    private func patience() -> Int32 {
        let longest: Duration = .seconds(60)
        guard let nextDeadline else { return Int32(longest.milliseconds) }
        return Int32(max(min(nextDeadline - .now, longest), .zero).milliseconds)
    }

    private func leave() {
        for transfer in Array(running.values) {
            release(transfer)
            transfer.call.end(.failure(.shutDown))
        }
        for call in lanes.remove(where: { _ in true }) { call.end(.failure(.shutDown)) }
    }
}
