set(CMAKE_SYSTEM_PROCESSOR riscv64)
set(CROSS_TRIPLET riscv64-linux-gnu)
set(CROSS_QEMU riscv64)
include(${CMAKE_CURRENT_LIST_DIR}/cross.cmake)
