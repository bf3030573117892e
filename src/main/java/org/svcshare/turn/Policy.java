package org.svcshare.turn;

/// How the votes of an election of generation 2 are ranked.
public enum Policy {
    /// The smallest queue first, as generation 1 does.
    SMALLEST_QUEUE("smallest-queue"),
    /// The queue divided by 1 + waited / half-life, so that a big one is not passed over for ever.
    AGEING("ageing"),
    /// Who used least in the last seven days first.
    FAIR_SHARE("fair-share"),
    /// Who has waited longest first.
    FIFO("fifo");

    private final String word;

    Policy(String word) {
        this.word = word;
    }

    /// As it stands in settings and messages.
    public String word() {
        return word;
    }
}
