package org.svcshare.cluster;

import org.svcshare.pool.GroupRefusal;

/// Why the group is not changed, on the way to who asked.
final class GroupException extends Exception {
    private static final long serialVersionUID = 1;

    private final GroupRefusal refusal;

    /// @param why for people
    GroupException(GroupRefusal refusal, String why) {
        super(why, null, false, false);
        this.refusal = refusal;
    }

    GroupRefusal refusal() {
        return refusal;
    }

    String why() {
        return String.valueOf(getMessage());
    }
}
