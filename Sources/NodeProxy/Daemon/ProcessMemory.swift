import CLinux

/// What the process holds of the machine's memory.
public enum ProcessMemory {
    /// Has all threads share one heap: the daemon reads in one thread what it keeps in another, and heaps of their own
    /// would hold on to half-empty pages (10,000 Services: 65 MB with, 46 MB without). Call before threads start.
    public static func useOneHeap() { apus_use_one_heap() }

    /// Returns free pages of the heap to the kernel, and drops the code and constants that only the start needed: what
    /// is still used comes back from the page cache.
    public static func giveBack() { apus_give_back_memory() }
}
