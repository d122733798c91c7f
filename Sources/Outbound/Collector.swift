import CCurl
import Limits

/// What libcurl hands over during one transfer, kept within its bounds.
///
/// libcurl holds it by an unretained pointer, so its transfer keeps it alive.
final class Collector {
    private(set) var headers: [(name: String, value: String)] = []
    private(set) var body: [UInt8] = []
    /// The bound that ended the transfer.
    private(set) var exceeded: Int?
    /// Addresses that the guard refused, unless another one was allowed.
    private(set) var refusal: (address: IPAddress, verdict: AddressGuard.Verdict)?

    private let guardian: AddressGuard
    private let tls: Bool
    private let maximumBytes: Int
    private var headerBytes = 0
    private var connected = false

    init(guardian: AddressGuard, tls: Bool, maximumBytes: Int) {
        self.guardian = guardian
        self.tls = tls
        self.maximumBytes = maximumBytes
    }

    func take(body bytes: UnsafeRawBufferPointer) -> Bool {
        // Counted here because MAXFILESIZE does not see chunked bodies before libcurl 8.4.
        guard bytes.count <= maximumBytes - body.count else {
            exceeded = maximumBytes
            return false
        }
        // Copied within its bounds, before libcurl takes the buffer back.
        unsafe body.append(contentsOf: bytes)
        return true
    }

    func take(header bytes: UnsafeRawBufferPointer) -> Bool {
        headerBytes += bytes.count
        guard headerBytes <= Limits.callbackHeaderBytes else {
            exceeded = Limits.callbackHeaderBytes
            return false
        }
        // Copied within its bounds, before libcurl takes the buffer back.
        let line = unsafe String(decoding: bytes, as: UTF8.self)
        if line.hasPrefix("HTTP/") {
            // A status line opens each head; those of interim answers (100, 103) do not count.
            headers.removeAll()
        } else if let colon = line.firstIndex(of: ":") {
            let value = line[line.index(after: colon)...]
            headers.append((String(line[..<colon]), value.trimmingWhitespace()))
        }
        return true
    }

    func mayConnect(to address: IPAddress) -> Bool {
        let verdict = guardian.judge(address, tls: tls)
        if verdict == .allowed {
            connected = true
            refusal = nil
        } else if !connected {
            refusal = (address, verdict)
        }
        return verdict == .allowed
    }
}

extension Collector {
    /// The callbacks of one transfer; valid while the collector lives.
    var callbacks: CurlCallbacks {
        // Each callback gets the collector back from the context, for as long as it runs.
        unsafe CurlCallbacks(
            context: Unmanaged.passUnretained(self).toOpaque(),
            body: { context, bytes, count in
                unsafe Collector.from(context)
                    .take(body: UnsafeRawBufferPointer(start: bytes, count: count))
            },
            header: { context, bytes, count in
                unsafe Collector.from(context)
                    .take(header: UnsafeRawBufferPointer(start: bytes, count: count))
            },
            connect: { context, bytes, count in
                let address = unsafe IPAddress(
                    networkOrder: UnsafeRawBufferPointer(start: bytes, count: count)
                )
                return address.map { unsafe Collector.from(context).mayConnect(to: $0) }
                    ?? false
            }
        )
    }

    private static func from(_ context: UnsafeMutableRawPointer) -> Collector {
        // Made by passUnretained in `callbacks`, from a collector that outlives its transfer.
        unsafe Unmanaged<Collector>.fromOpaque(context).takeUnretainedValue()
    }
}

extension Substring {
    fileprivate func trimmingWhitespace() -> String {
        let front = drop(while: \.isWhitespace)
        return String(front.reversed().drop(while: \.isWhitespace).reversed())
    }
}
