package org.svcshare.web;

import java.util.Locale;
import org.svcshare.pool.GroupRefusal;
import org.svcshare.pool.PoolEngine.Failure;
import org.svcshare.pool.Refusal;
import org.svcshare.store.Change;

/// Everything that an answer can say no with: its HTTP status, its code and its title (RFC 9457).
///
/// The one place where what the pools say becomes a status.
enum Problem {
    INVALID(400, "The request is not understood"),
    UNAUTHORIZED(401, "A token is needed"),
    FORBIDDEN(403, "The token does not allow this"),
    CROSS_SITE(403, "Web pages of other sites may not do this"),
    NOT_ALLOWED(403, "This holder may not use the pool"),
    NOT_FOUND(404, "There is nothing here"),
    UNKNOWN_POOL(404, "There is no such pool"),
    UNKNOWN_TICKET(404, "There is no such ticket"),
    NO_GROUP(404, "One machine keeps the pools, not a group"),
    UNKNOWN_NODE(404, "There is no such node"),
    UNKNOWN_MEMBER(404, "There is no such member"),
    UNKNOWN_KEY(404, "There is no such key"),
    UNKNOWN_WRITE(404, "There is no such write"),
    METHOD_NOT_ALLOWED(405, "Not with this method"),
    TIMED_OUT(408, "The wait is over"),
    BUSY(409, "The lock is taken"),
    ID_REUSED(409, "The id belongs to another request"),
    NOT_OWNER(409, "The lock belongs to somebody else"),
    NODE_EXISTS(409, "There is such a node already"),
    CHANGING(409, "The group is being changed"),
    LAST_NODE(409, "The group has no other node"),
    NO_MAJORITY(409, "Too few nodes would be left"),
    TOO_MANY_OFF(409, "Too few nodes would be left that may lead"),
    NOT_FIRST(409, "Another node should lead"),
    TOO_MANY_NODES(409, "The group is full"),
    NOT_REACHED(409, "The node does not answer"),
    NOT_NEW(409, "The node is not new"),
    NOT_CAUGHT_UP(409, "The node still gets what the others have"),
    MEMBER_ALIVE(409, "The member is there"),
    NODE_REFUSED(409, "The node cannot be changed so"),
    EXPIRED(410, "The lease is over"),
    RELEASED(410, "The lock was given back"),
    FORCED(410, "An operator ended the lock"),
    CHANGED(412, "The key is not as it was seen"),
    NODE_CHANGED(412, "The node is not as it was seen"),
    TOO_LARGE(413, "The request is too large"),
    WRONG_HOST(421, "This server has another name"),
    TOO_MANY_WAITERS(429, "Too many wait for the pool"),
    TOO_MANY_TICKETS(429, "There are too many tickets"),
    FAILED(500, "Something went wrong"),
    NOT_READY(503, "The pools cannot be reached"),
    NO_LEADER(503, "Nobody leads the group"),
    PERHAPS_DONE(503, "It is not known whether it was done"),
    NO_MEMBERS(503, "This server is in no group of members"),
    NO_REPLICAS(503, "This server replicates no service"),
    NOT_WRITTEN(503, "The change could not be written down"),
    STORE_UNAVAILABLE(503, "The shared store takes nothing just now"),
    STORE_FULL(507, "The shared store is full");

    final int status;
    final String code;
    final String title;

    Problem(int status, String title) {
        this.status = status;
        this.code = name().toLowerCase(Locale.ROOT);
        this.title = title;
    }

    /// Whether it is worth while to ask again later.
    boolean passes() {
        return status == 429 || (status == 503 && this != NO_MEMBERS && this != NO_REPLICAS);
    }

    static Problem of(Refusal refusal) {
        return switch (refusal) {
            case UNKNOWN_POOL -> UNKNOWN_POOL;
            case NOT_ALLOWED -> NOT_ALLOWED;
            case BUSY -> BUSY;
            case TOO_MANY_WAITERS -> TOO_MANY_WAITERS;
            case TOO_MANY_TICKETS -> TOO_MANY_TICKETS;
            case NOT_OWNER -> NOT_OWNER;
            case EXPIRED -> EXPIRED;
            case TIMED_OUT -> TIMED_OUT;
            case RELEASED -> RELEASED;
            case FORCED -> FORCED;
            case UNKNOWN_TICKET -> UNKNOWN_TICKET;
            case ID_REUSED -> ID_REUSED;
            case INVALID -> INVALID;
        };
    }

    static Problem of(GroupRefusal refusal) {
        return switch (refusal) {
            case NO_LEADER -> NO_LEADER;
            case PERHAPS_DONE -> PERHAPS_DONE;
            case UNKNOWN_NODE -> UNKNOWN_NODE;
            case NODE_EXISTS -> NODE_EXISTS;
            case CHANGING -> CHANGING;
            case LAST_NODE -> LAST_NODE;
            case NO_MAJORITY -> NO_MAJORITY;
            case TOO_MANY_OFF -> TOO_MANY_OFF;
            case NOT_FIRST -> NOT_FIRST;
            case TOO_MANY_NODES -> TOO_MANY_NODES;
            case NOT_REACHED -> NOT_REACHED;
            case NOT_NEW -> NOT_NEW;
            case NOT_CAUGHT_UP -> NOT_CAUGHT_UP;
        };
    }

    static Problem of(Change.Refusal refusal) {
        return switch (refusal) {
            case INVALID -> INVALID;
            case FULL -> STORE_FULL;
            case UNAVAILABLE -> STORE_UNAVAILABLE;
        };
    }

    static Problem of(Failure failure) {
        return failure.perhapsDone() ? PERHAPS_DONE : NOT_READY;
    }

    /// What to do about it.
    static String advice(Refusal refusal) {
        return switch (refusal) {
            case UNKNOWN_POOL -> "declare it in pools.declared, or set pools.undeclared = allow";
            case NOT_ALLOWED -> "the pool's list of holders does not have this one";
            case BUSY -> "ask with a wait to stand in line";
            case TOO_MANY_WAITERS, TOO_MANY_TICKETS -> "try again later";
            case NOT_OWNER -> "it is held, or waited for, under another id";
            case EXPIRED -> "the lease ended before it was renewed; ask anew under a new id";
            case TIMED_OUT -> "it was not granted within the wait; ask anew under a new id";
            case RELEASED -> "ask anew under a new id";
            case FORCED -> "stop what the lock was for; ask anew under a new id";
            case UNKNOWN_TICKET -> "it has ended, or never was";
            case ID_REUSED -> "the id was used for another pool or another mode; draw a new one";
            case INVALID ->
                    "names are 1 to 200 bytes without control characters, reasons up to 500,"
                            + " times up to 7d";
        };
    }
}
