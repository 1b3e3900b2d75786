set(CMAKE_SYSTEM_PROCESSOR arm)
set(CROSS_TRIPLET arm-linux-gnueabihf)
set(CROSS_QEMU arm)
include(${CMAKE_CURRENT_LIST_DIR}/cross.cmake)
