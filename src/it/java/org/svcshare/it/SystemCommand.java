package org.svcshare.it;

import java.io.IOException;

/// Changes to the machine for which a test needs to be root.
final class SystemCommand {
    private SystemCommand() {}

    /// @return whether it did what it should; not where it is not installed or not allowed
    static boolean ran(String... command) {
        try {
            return new ProcessBuilder(command)
                            .redirectErrorStream(true)
                            .redirectOutput(ProcessBuilder.Redirect.DISCARD)
                            .start()
                            .waitFor()
                    == 0;
        } catch (IOException e) {
            return false;
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return false;
        }
    }
}
