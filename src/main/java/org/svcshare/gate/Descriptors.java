package org.svcshare.gate;

import com.sun.management.UnixOperatingSystemMXBean;
import java.lang.management.ManagementFactory;

/// How many connections the process has file descriptors for.
final class Descriptors {
    private static final long OTHERS = 256;

    private Descriptors() {}

    /// Two descriptors each, and some are left to the rest of the program. Loads classes: not for
    /// an event loop.
    static int mostPairs() {
        if (ManagementFactory.getOperatingSystemMXBean()
                instanceof UnixOperatingSystemMXBean unix) {
            long most = unix.getMaxFileDescriptorCount();
            return Math.clamp((most - Math.min(OTHERS, most / 4)) / 2, 1, Integer.MAX_VALUE);
        }
        return Integer.MAX_VALUE;
    }
}
