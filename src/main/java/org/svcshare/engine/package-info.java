/// Carries the lock table on: orders operations, makes them durable in batches, applies them, and
/// tells who waits. One thread owns a table.
@NullMarked
package org.svcshare.engine;

import org.jspecify.annotations.NullMarked;
