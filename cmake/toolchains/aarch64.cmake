set(CMAKE_SYSTEM_PROCESSOR aarch64)
set(CROSS_TRIPLET aarch64-linux-gnu)
set(CROSS_QEMU aarch64)
include(${CMAKE_CURRENT_LIST_DIR}/cross.cmake)
