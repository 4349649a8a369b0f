# SPDX-License-Identifier: MIT
programs += init sh
programs += cat cp echo env false free head kill ln ls maps mem mkdir mv ps pwd reboot rm seq sleep tail
programs += touch true uname wc
programs += demo-grow demo-dontunmap demo-move demo-multi demo-huge
