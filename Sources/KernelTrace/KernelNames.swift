/// What the kernel calls the locks of a model, and how it passes nothing.
enum KernelNames {
  /// Lock class of a model → name of its lockdep class. A class that is not here leaves no events.
  static let locks: [String: String] = [
    "iommufd_ctx.objects.xa_lock": "&xa->xa_lock",
    "iommufd_ioas.access_list.xa_lock": "&xa->xa_lock",
    "iommufd_ioas.domains_rwsem": "&iopt->domains_rwsem",
    "iommufd_ioas.iova_rwsem": "&iopt->iova_rwsem",
    "iopt_pages.mutex": "&pages->mutex",
    "iommufd_access.ioas_lock": "&access->ioas_lock",
    "selftest_access.lock": "&staccess->lock",
    "vfio_device_set.lock": "&new_dev_set->lock",
  ]

  /// The lockdep class that all xarrays of a kernel share; events of others than ours can stand in a trace.
  static let sharedLock = "&xa->xa_lock"

  /// Arguments that point into an object, not at its beginning; how far is learned from the trace.
  static let innerPointers: Set<String> = ["iopt"]

  /// What a probe shows where the model has null: an error pointer for these, 0 for all others.
  static func nothing(probe: String) -> UInt64 {
    switch probe {
    case "get_object_ret": UInt64(bitPattern: -2)  // ERR_PTR(-ENOENT)
    case "access_create_ret": UInt64(bitPattern: -12)  // ERR_PTR(-ENOMEM)
    default: 0
    }
  }

  /// No structure that holds a lock or an inner object is as large as this, in bytes.
  static let structureLimit: UInt64 = 4096
}
