package org.svcshare.cluster;

import java.io.IOException;

/// A batch surely did not get into the log: it may be proposed again, here or elsewhere.
final class NotTakenException extends IOException {
    private static final long serialVersionUID = 1;

    NotTakenException(String why) {
        super(why);
    }
}
