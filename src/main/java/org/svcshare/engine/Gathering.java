package org.svcshare.engine;

import java.util.HashMap;
import java.util.Map;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.svcshare.pool.TableImage;

/// Waits until each of several pools has been seen. For the owning thread.
final class Gathering {
    private final Consumer<@Nullable Map<String, TableImage>> then;
    private final Map<String, TableImage> seen = new HashMap<>();
    private int left;
    private boolean failed;

    /// @param pools how many, at least 0
    /// @param then gets all of them, or null when one could not be seen
    Gathering(int pools, Consumer<@Nullable Map<String, TableImage>> then) {
        this.left = pools;
        this.then = then;
        finish();
    }

    void seen(String pool, TableImage image) {
        seen.put(pool, image);
        left--;
        finish();
    }

    void failed() {
        failed = true;
        left--;
        finish();
    }

    private void finish() {
        if (left == 0) {
            then.accept(failed ? null : seen);
        }
    }
}
