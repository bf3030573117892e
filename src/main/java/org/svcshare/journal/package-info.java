/// An append-only log on disk with checksums, group commit and snapshots:
/// [org.svcshare.journal.Journal]. It knows nothing of what its records mean.
@NullMarked
package org.svcshare.journal;

import org.jspecify.annotations.NullMarked;
