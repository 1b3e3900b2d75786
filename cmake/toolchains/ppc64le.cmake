set(CMAKE_SYSTEM_PROCESSOR ppc64le)
set(CROSS_TRIPLET powerpc64le-linux-gnu)
set(CROSS_QEMU ppc64le)
include(${CMAKE_CURRENT_LIST_DIR}/cross.cmake)
