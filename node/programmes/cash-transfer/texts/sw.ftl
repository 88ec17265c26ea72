# Not yet read by a native speaker.
title = Msaada wa kaya
exit = Toka
bye = Asante. Kwaheri.
language = Lugha - Language - Langue
yes = Ndiyo
no = Hapana
female = Mwanamke
male = Mwanamume

menu-register = Sajili kaya
menu-language = Lugha
given-name = Jina la kwanza la mkuu wa kaya?
family-name = Jina la ukoo?
birth-date = Kuzaliwa: mwaka kama 1994 au siku kama 17051994?
sex = Jinsia?
phone = Namba ya simu ya kaya?
no-phone = Hana simu
village = Kijiji?
known = Mmoja wa hawa?
already = Amesajiliwa tayari: { $who }, namba { $person }. Hakuna kipya.
new-person = Mtu mpya
members = Watu wangapi wanaishi katika kaya?
children = Wangapi wana chini ya miaka 18?
income = Kaya inaishi kwa nini?
income-none = Hakuna cha kudumu
income-day = Vibarua
income-farm = Shamba lake
income-wage = Mshahara
house = Paa ni la nini?
house-grass = Nyasi au turubai
house-iron = Bati
house-tiles = Vigae
consent = Ofisi ya ustawi inahifadhi habari hizi ili kuamua msaada. Je, kaya inakubali?
refused = Hakuna kilichohifadhiwa. Kaya inaweza kuomba tena wakati wowote.
registered = Usajili: { $status }
    Namba { $person }
    Tafadhali iandike. SMS itasema kukiwa na habari.

unknown = Simu hii bado haijathibitishwa kwa kaya. Jibu 1 kwa ujumbe wetu, au mwombe mhudumu wa afya akusajili.
menu-result = Matokeo yangu
menu-payout = Njia ya malipo
menu-payments = Malipo yangu
menu-complain = Lalamika
menu-appeal = Kata rufaa
menu-replies = Majibu yangu
result = Matokeo yako:
no-result = Bado hakuna matokeo. SMS itakuambia.
payout-kind = Unataka kulipwa vipi?
payout-mobile = Pesa kwa simu
payout-desk = Dirishani
payout-number = Namba ipi ipokee pesa?
payout-kept = Imehifadhiwa. Ofisi itaikagua kabla ya malipo yajayo.
payments = Malipo yako:
no-payment = Bado hakuna malipo.
complaint = Tatizo ni nini, kwa maneno machache?
appeal = Kwa nini matokeo si sahihi, kwa maneno machache?
complained = Asante. Mtu mwingine ataliangalia. SMS itakuambia jibu likiwepo.
replies = Majibu kwako:
no-reply = Bado hakuna jibu.
each-line = { $events }

menu-decide = Amua
menu-complaints = Malalamiko
menu-appeals = Rufaa
menu-pay = Malipo yamefanywa
households = Kaya ipi?
none = Hakuna kilicho wazi.
reason = { $household }
reason-eligible = Inapata msaada
reason-income = La: kipato kikubwa
reason-papers = Hati hazijakamilika
reason-other = La: sababu nyingine
kept = Imehifadhiwa. SMS ya kawaida inaiambia kaya.
complaints = Lalamiko lipi?
appeals = Rufaa ipi?
reply = { $open_case }
    Jibu lako?
payouts = Nani amelipwa?
amount = Kiasi gani kimelipwa?

household-line = { $day } { $who }: { $members }/{ $children } { $income }, { $house }
decision-line = { $day }: { $reason }
payout-line = { $day } { $who }: { $payout_kind }
payment-line = { $day }: { $amount }
complaint-line = { $day } { $who }: { $complaint }
reply-line = { $day }: { $reply }
news = Kuna habari kwako. Piga namba ya huduma kuiona.
payout-changed = Kitu kwenye kumbukumbu yako kimebadilishwa leo. Si wewe? Mwambie mhudumu wa afya.
event-household = Kaya
event-decision = Matokeo
event-payout = Njia ya malipo
event-payment = Malipo
event-complaint = Lalamiko
event-appeal = Rufaa
event-reply = Jibu

menu-household = Watu wa kaya
home = Namba ya mtu mmoja wa kaya?
no-home = Mtu huyu hayumo katika kaya hapa. Sajili kaya kwanza.
home-menu = Kaya ya { $who }: { $members_total }
menu-see = Waone
menu-new = Ongeza mtu mpya
menu-known = Ongeza kwa namba
menu-leave = Ondoa
see = Katika kaya:
each-member = { $members }
new-given-name = Jina la kwanza la mtu mpya?
member-role = Mtu huyu ni nani katika kaya?
role-spouse = Mume au mke
role-child = Mtoto
role-other = Mwanakaya mwingine
role-head = Mkuu kuanzia sasa
member-consent = Ofisi ya jamii hutunza taarifa hizi ili kuamua msaada. Mtu huyu, au mzazi, anakubali?
member-refused = Hakuna kilichohifadhiwa kuhusu mtu huyu.
new-joined = Ameongezwa: { $status }
    Namba { $person }
    Tafadhali iandike.
newcomer = Namba ya mtu anayejiunga?
joined = { $who } sasa anaishi katika kaya hii.
leaver = Nani ameondoka?
left = { $who } hayumo tena katika kaya hii.
event-member = Mwanakaya

form-complaint = Lalamiko
