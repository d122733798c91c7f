import CLibPQ

extension BlockingConnection {
    /// One message of a pipeline that has an answer.
    private enum Step {
        case prepare(text: String, name: String)
        case execute(text: String)

        var text: String {
            switch self {
            case .prepare(let text, _), .execute(let text): text
            }
        }
    }

    /// Runs several statements in one round trip.
    ///
    /// Such as `begin isolation level repeatable read`, two reads and `commit`. Without a `begin`
    /// they are one transaction all the same.
    ///
    /// The first error ends the rest and is thrown. A transaction that the pipeline itself opened
    /// is then rolled back, so the session is ready for the next use; one that was open before
    /// stays open, failed. If the connection breaks, statements that write may have happened.
    ///
    /// The deadline is for the whole; nil is the time that one statement has. For `meanwhile` see
    /// ``query(_:deadline:meanwhile:)``.
    package func pipeline(
        _ sqls: [SQL],
        deadline: Duration? = nil,
        meanwhile: () -> Void = {}
    ) throws(PostgresError) -> [Rows] {
        let deadline = Deadline(after: deadline ?? settings.standardDeadline)
        let wasIdle = !isInTransaction
        var committed = false
        let first = try attempt(sqls, until: deadline, meanwhile, committed: &committed)
        if wasIdle { try rollBackIfFailed(first, until: deadline) }
        // What was committed on the way must not happen twice.
        guard case .failure(let error) = first, error.isStaleStatement, wasIdle, !committed
        else { return try first.get() }
        let second = try attempt(sqls, until: deadline, meanwhile, committed: &committed)
        try rollBackIfFailed(second, until: deadline)
        return try second.get()
    }

    private func attempt(
        _ sqls: [SQL],
        until deadline: Deadline,
        _ meanwhile: () -> Void,
        committed: inout Bool
    ) throws(PostgresError) -> Result<[Rows], PostgresError> {
        try checkUsable()
        let bound = try sqls.map { sql throws(PostgresError) in
            guard !sql.text.utf8.contains(0) else { throw BoundParameters.holdsNUL("a statement") }
            return try BoundParameters(sql.parameters)
        }
        try deallocateRetired(until: deadline)
        notices.clear()
        guard unsafe PQenterPipelineMode(handle.raw) == 1 else { throw lost() }
        let steps = try send(zip(sqls, bound))
        guard unsafe PQpipelineSync(handle.raw) == 1 else { throw lost() }
        try flush(until: deadline)
        meanwhile()
        let outcome = try receive(steps, until: deadline, committed: &committed)
        guard unsafe PQexitPipelineMode(handle.raw) == 1 else { throw lost() }
        try checkReplicated()
        return outcome
    }

    /// Queues all messages.
    ///
    /// Each text that the session does not hold is prepared on the way.
    private func send(
        _ statements: Zip2Sequence<[SQL], [BoundParameters]>
    )
        throws(PostgresError) -> [Step]
    {
        var steps: [Step] = []
        var names: [String: String] = [:]
        for (sql, parameters) in statements {
            let known = names[sql.text] ?? self.statements.name(of: sql.text)
            let name = known ?? self.statements.newName()
            names[sql.text] = name
            if known == nil {
                try sent(unsafe PQsendPrepare(handle.raw, name, sql.text, 0, nil))
                steps.append(.prepare(text: sql.text, name: name))
            }
            try sent(
                unsafe parameters.withPointers { count, values, lengths, formats in
                    unsafe PQsendQueryPrepared(handle.raw, name, count, values, lengths, formats, 0)
                }
            )
            steps.append(.execute(text: sql.text))
        }
        return steps
    }

    /// Reads the answers of all steps and of the sync behind them.
    private func receive(
        _ steps: [Step],
        until deadline: Deadline,
        committed: inout Bool
    ) throws(PostgresError) -> Result<[Rows], PostgresError> {
        var answers: [Rows] = []
        var failure: PostgresError?
        for step in steps {
            switch try stepAnswer(until: deadline) {
            case .success(let rows):
                switch step {
                case .prepare(let text, let name): statements.insert(text, name: name)
                case .execute: answers.append(rows)
                }
                if rows.command == "COMMIT" { committed = true }
            case .failure(let error?):
                failure = failure ?? error
                if error.isStaleStatement { forget(step.text, after: error) }
            case .failure(nil):
                break  // skipped by the server after the failure
            }
        }
        try expectSync(until: deadline)
        return failure.map { .failure($0) } ?? .success(answers)
    }

    private enum StepAnswer {
        case success(Rows)
        case failure(PostgresError?)
    }

    private func stepAnswer(until deadline: Deadline) throws(PostgresError) -> StepAnswer {
        var answer: StepAnswer?
        while let result = try nextResult(until: deadline) {
            switch result.status {
            case PGRES_TUPLES_OK, PGRES_COMMAND_OK, PGRES_EMPTY_QUERY:
                answer = .success(try rows(of: result))
            case PGRES_PIPELINE_ABORTED:
                answer = .failure(nil)
            default:
                let error = try refusal(result)
                // After the end of the connection no further answer comes.
                if isBroken { throw error }
                answer = .failure(error)
            }
        }
        guard let answer else { throw lost() }
        return answer
    }

    private func expectSync(until deadline: Deadline) throws(PostgresError) {
        guard let result = try nextResult(until: deadline), result.status == PGRES_PIPELINE_SYNC
        else { throw lost() }
    }

    private func rollBackIfFailed(
        _ outcome: Result<[Rows], PostgresError>,
        until deadline: Deadline
    ) throws(PostgresError) {
        guard case .failure = outcome, isInTransaction else { return }
        try sent(unsafe PQsendQuery(handle.raw, "rollback"))
        _ = try answer(until: deadline)
    }
}
