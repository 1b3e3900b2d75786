set(CMAKE_SYSTEM_PROCESSOR s390x)
set(CROSS_TRIPLET s390x-linux-gnu)
set(CROSS_QEMU s390x)
include(${CMAKE_CURRENT_LIST_DIR}/cross.cmake)
