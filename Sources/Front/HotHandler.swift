import NIOCore

/// One connection while it sends nothing but hot requests.
///
/// ```
///            cold bytes              nothing owed          base pipeline stands
///   open ────────────────▶ turning ──────────────▶ installing ─────────────▶ handedOver
///    │                                    ▲
///    │ quiesce or input closed, ──────────┘ if a part of a request is unread
///    │ nothing owed             ──────────┐ if nothing is unread
///    │ Connection: close        nothing   ▼ owed        last byte written
///    └────────────────▶ ending ──────────▶ closing ────────────────────▶ gone
/// ```
/// A connection that breaks is gone from any state.
///
/// What holds: answers leave in the order of their requests; nothing is handed over and nothing
/// is closed while an answer is owed or unwritten; a connection that is owed much or does not
/// take its answers is not read.
///
/// Confined to its event loop. Anything that calls out (a flush, an event that is fired) may come
/// back in here before it returns, so the state is looked at again after it.
final class HotHandler: ChannelDuplexHandler, RemovableChannelHandler {
    typealias InboundIn = ByteBuffer
    typealias InboundOut = ByteBuffer
    typealias OutboundIn = ByteBuffer
    typealias OutboundOut = ByteBuffer

    enum Phase { case open, turning, installing, handedOver, ending, closing, gone }

    /// An answer that is owed.
    private struct Owed {
        let requestID: String?
        let keepAlive: Bool
        /// Set when it came before an earlier one.
        var response: HotResponse?
    }

    let configuration: FrontConfiguration
    /// The ordinary pipeline, and the promise of it.
    let base: BaseInstaller
    private let batch: LoopBatch
    private var parser: RequestParser
    private var owed = CircularBuffer<Owed>()
    /// Answers written so far: the number of the first one that is owed.
    private var answered = 0
    private var receivedAt: NIODeadline
    private var isWriting = false

    var context: ChannelHandlerContext?
    var phase = Phase.open
    var unread = ByteBuffer()
    var isInputClosed = false
    var isQuiescing = false
    /// Told to quiesce when idle: the next request is the last.
    var isDraining = false
    var isReadHeld = false
    var deadlines: Deadlines
    var timer: (task: Scheduled<Void>, at: NIODeadline)?

    init(grammar: Grammar, base: BaseInstaller, batch: LoopBatch, now: NIODeadline) {
        configuration = grammar.configuration
        parser = RequestParser(grammar: grammar)
        receivedAt = now
        deadlines = Deadlines(configuration: grammar.configuration, now: now)
        self.base = base
        self.batch = batch
    }

    var owesNothing: Bool { owed.isEmpty }

    /// Whether more bytes are wanted, and the client takes what it is sent.
    ///
    /// What follows a last request is read too, and dropped: closing a socket that holds unread
    /// bytes resets it, and the client would lose the answer.
    var wantsBytes: Bool {
        switch phase {
        case .open:
            !isQuiescing && owed.count < configuration.owedAnswers
                && context?.channel.isWritable == true
        case .ending, .closing: true
        case .turning, .installing, .handedOver, .gone: false
        }
    }

    /// Sends an answer, as soon as its turn comes.
    func answer(_ response: HotResponse, to number: Int) {
        guard phase != .gone, let context else { return }
        let place = number - answered
        precondition(
            place >= 0 && place < owed.count && owed[offset: place].response == nil,
            "a hot exchange is answered once"
        )
        owed[offset: place].response = response
        guard place == 0 else { return }
        writeReady(context: context)
        if owed.isEmpty {
            deadlines.becameIdle(now: context.eventLoop.now)
            flushAnswers()
        } else {
            batch.flushLater(self)
        }
        advance()
    }

    /// Sends what was written in this tick.
    func flushAnswers() {
        context?.flush()
    }

    /// Looks at the state and does what it allows.
    func advance() {
        // A write that fills the buffer says so at once, and must be flushed before we leave.
        guard !isWriting else { return }
        parse()
        settle()
        releaseRead()
        startTimer()
    }

    /// Keeps bytes that were read.
    func take(_ bytes: ByteBuffer, now: NIODeadline) {
        receivedAt = now
        var bytes = bytes
        if unread.readableBytes == 0 {
            unread = bytes
        } else {
            unread.discardReadBytes()
            unread.writeBuffer(&bytes)
        }
    }

    /// Forgets what is owed and unread.
    func abandon() {
        guard phase != .gone, phase != .handedOver else { return }
        // An installation on its way fulfils the promise of the ordinary pipeline itself.
        if phase != .installing { base.abandon() }
        phase = .gone
        owed.removeAll()
        unread = ByteBuffer()
        cancelTimer()
    }

    private func writeReady(context: ChannelHandlerContext) {
        isWriting = true
        while let first = owed.first, let response = first.response {
            owed.removeFirst()
            answered += 1
            write(response, for: first, context: context)
        }
        isWriting = false
    }

    private func write(_ response: HotResponse, for owed: Owed, context: ChannelHandlerContext) {
        let isLast = owesNothing && unread.readableBytes == 0 && (isQuiescing || isInputClosed)
        let envelope = HotResponse.Envelope(
            commonLines: batch.commonLines(),
            requestID: owed.requestID,
            closes: !owed.keepAlive || isLast
        )
        let buffer = response.encoded(in: envelope, allocator: context.channel.allocator)
        context.write(wrapOutboundOut(buffer), promise: nil)
    }

    /// Takes requests while it may.
    private func parse() {
        guard let context else { return }
        while phase == .open, unread.readableBytes > 0, owed.count < configuration.owedAnswers,
            context.channel.isWritable
        {
            switch parser.advance(over: unread.readableBytesUInt8Span) {
            case .complete: accept(context: context)
            case .incomplete: return deadlines.partRead(now: context.eventLoop.now)
            case .cold:
                phase = .turning
                deadlines.wholeRead()
            }
        }
    }

    private func accept(context: ChannelHandlerContext) {
        let request = parser.request(
            from: unread.readableBytesUInt8Span,
            receivedAt: receivedAt
        )
        unread.moveReaderIndex(forwardBy: parser.length)
        parser.reset()
        deadlines.wholeRead()
        let keepAlive = request.keepAlive && !isDraining
        if !keepAlive { phase = .ending }
        // An empty buffer of its own gives the channel's back, to be read into again.
        if phase == .ending || unread.readableBytes == 0 { unread = ByteBuffer() }
        let number = answered + owed.count
        owed.append(Owed(requestID: request.requestID, keepAlive: keepAlive))
        let connection = NIOLoopBound(self, eventLoop: context.eventLoop)
        batch.add(HotExchange(request: request, connection: connection, number: number))
    }

    /// Moves on to another phase when nothing is owed.
    private func settle() {
        guard owed.isEmpty, let context else { return }
        switch phase {
        case .turning:
            handOver()
        case .ending:
            closeAfterWrites()
        case .open where isQuiescing || isInputClosed:
            if unread.readableBytes == 0 {
                closeAfterWrites()
            } else if context.channel.isWritable {
                // All that was whole has been taken: what is left is a part of a request.
                handOver()
            }
        case .open, .installing, .handedOver, .closing, .gone:
            break
        }
    }

    private func releaseRead() {
        guard isReadHeld, wantsBytes else { return }
        isReadHeld = false
        context?.read()
    }
}
