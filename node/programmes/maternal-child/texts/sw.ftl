# Not yet read by a native speaker.
menu = Mama na mtoto
menu-register = Sajili mama na mtoto
menu-work = Kazi yangu
menu-language = Lugha
exit = Toka
bye = Asante. Kwaheri.
work = Usajili wako: { $total }
    { $held } hapa, { $carried } kituoni
    { $accepted } umekubaliwa, { $effective } umekamilika
    { $rejected } umekataliwa, { $conflict } unakaguliwa
language = Lugha - Language - Langue

mother-given-name = Jina la kwanza la mama?
mother-family-name = Jina la ukoo la mama?
mother-birth-date = Mama alizaliwa: mwaka kama 1994 au siku kama 17051994?
mother-phone = Namba ya simu ya mama?
no-phone = Hana simu
mother-village = Kijiji cha mama?
mother-national-id = Namba ya kitambulisho cha mama?
no-national-id = Hana kitambulisho
consent = Wizara ya Afya inahifadhi habari hizi kwa huduma ya mama na mtoto. Je, unakubali?
yes = Ndiyo
no = Hapana
consent-refused = Hakuna kilichohifadhiwa. Mama atapata huduma kama awali.

child-given-name = Jina la kwanza la mtoto?
not-named = Hana jina bado
child-family-name = Jina la ukoo la mtoto?
child-sex = Jinsia ya mtoto?
female = Mwanamke
male = Mwanamume
child-birth-date = Siku mtoto alipozaliwa, kama 17052026?
today = Leo
yesterday = Jana
child-place-of-birth = Mtoto alizaliwa wapi?
place-home = Nyumbani
place-clinic = Kituo cha afya
place-other = Kwingine

summary = Mama: { $mother_given_name } { $mother_family_name }, { $mother_birth_date }, { $mother_phone }, { $mother_village }
    Mtoto: { $child_given_name } { $child_family_name }, { $child_sex }, { $child_birth_date }
summary-known = Mama: { $mother_given_name } { $mother_family_name }
    Anajulikana? { $known_mother_1 }
    Mtoto: { $child_given_name }, { $child_sex }, { $child_birth_date }
save-new = Hifadhi
it-is-she = Ni yeye
known-woman = Mmoja wa hawa?
new-person = Mtu mpya
save = Hifadhi
change = Badilisha
cancel = Ghairi
cancelled = Hakuna kilichohifadhiwa. Kwaheri.
change-what = Ubadilishe nini?
change-mother-given-name = Jina la kwanza la mama
change-mother-family-name = Jina la ukoo la mama
change-mother-birth-date = Kuzaliwa kwa mama
change-mother-phone = Simu
change-mother-village = Kijiji
change-mother-national-id = Kitambulisho
change-child-given-name = Jina la kwanza la mtoto
change-child-family-name = Jina la ukoo la mtoto
change-child-sex = Jinsia ya mtoto
change-child-birth-date = Siku ya kuzaliwa
change-child-place-of-birth = Mahali pa kuzaliwa
registered = Usajili: { $status }
    Mama { $mother_number }
    Mtoto { $child_number }
    Tafadhali andika namba zote mbili.

citizen-menu = Huduma za umma
menu-status = Usajili wangu
status-title = Usajili wako:
status-line = { $number } { $status }

form-consent = Ridhaa ya mama

menu-care = Huduma
menu-tasks = Kazi za kufanya
menu-day = Siku yangu

rn = Namba ya usajili (tarakimu 10 au 12)?
not-a-woman = Hii ni namba ya mtoto. Tafadhali piga tena kwa namba ya mama.
not-a-child = Hii ni namba ya mama. Tafadhali piga tena kwa namba ya mtoto.
menu-pregnancy = Ujauzito
menu-birth = Kuzaliwa
menu-visit = Ziara
menu-vaccines = Chanjo
menu-referral = Rufaa
menu-exit = Amehama, amefariki au amekataa
menu-child = Ongeza mtoto

is-known = Je, amesajiliwa?
known-yes = Ndiyo, nina namba yake
known-no = Hapana, msajili
dating = Anajua nini?
dating-period = Siku ya kwanza ya hedhi ya mwisho
dating-expected = Siku anayotarajia kujifungua
last-period = Siku ya kwanza ya hedhi ya mwisho, kama 17052026?
expected-birth = Siku anayotarajia kujifungua, kama 17052026?
babies = Watoto wangapi?
babies-one = Mmoja
babies-two = Wawili
babies-more = Watatu au zaidi
not-known = Haijulikani
pregnancy-check = { $who }: anatarajia kujifungua { $expected_birth }, watoto: { $babies }
woman-registered = Amesajiliwa. Namba yake ni { $person }. Tafadhali iandike.
woman-registered-next = Amesajiliwa. Namba yake ni { $person }. Tafadhali iandike.
    Inayofuata: { $due_1 }
saved = { $who }: imehifadhiwa.
    Inayofuata: { $due_1 }
saved-done = { $who }: imehifadhiwa. Hakuna kingine kilichopangwa.

birth-day = { $who }: siku ya kujifungua, kama 17052026?
born-alive = Watoto wangapi walizaliwa hai?
stillborn = Watoto wangapi walizaliwa wafu?
born-where = Alijifungua wapi?
baby-name = Mtoto { $round }: jina la kwanza?
baby-sex = Mtoto { $round }: jinsia?
baby-registered = Mtoto { $round } ana namba { $child_number }. Tafadhali iandike.
more-babies = Watoto wawili wamesajiliwa. Kwa wengine chagua Huduma, Ongeza mtoto.
child-of = { $who }: jina la kwanza la mtoto?
child-registered = Amesajiliwa. Namba ya mtoto ni { $child_number }. Tafadhali iandike.

visit = { $who }: ziara ipi?
no-visit = { $who } hana ziara iliyo wazi. Ingiza kwanza ujauzito au kuzaliwa.
visit-day = Siku ya ziara, kama 17052026?
danger = Dalili za hatari?
danger-none = Hakuna
danger-bleeding = Kutoka damu
danger-headache = Kichwa kuuma sana
danger-fits = Degedege
danger-fever = Homa
danger-pain = Maumivu makali
danger-moves = Mtoto hachezi vizuri
danger-feeds = Mtoto hanyonyi vizuri
danger-breathing = Kupumua kwa shida
refer-now = Imehifadhiwa. Dalili za hatari: mpe { $who } rufaa sasa?
visit-anc-1 = Ziara 1, wiki 12: { $day }
visit-anc-2 = Ziara 2, wiki 20: { $day }
visit-anc-3 = Ziara 3, wiki 26: { $day }
visit-anc-4 = Ziara 4, wiki 30: { $day }
visit-anc-5 = Ziara 5, wiki 34: { $day }
visit-anc-6 = Ziara 6, wiki 36: { $day }
visit-anc-7 = Ziara 7, wiki 38: { $day }
visit-anc-8 = Ziara 8, wiki 40: { $day }
visit-pnc-1 = Baada, siku 1: { $day }
visit-pnc-2 = Baada, siku 3: { $day }
visit-pnc-3 = Baada, wiki 2: { $day }
visit-pnc-4 = Baada, wiki 6: { $day }

vaccines = { $who }: amepewa zipi?
no-vaccine = Hakuna chanjo iliyopangwa kwa { $who }
vaccine-later = { $who } hana chanjo ya sasa.
    Inayofuata: { $due_1 }
vaccine-day = Siku ya chanjo, kama 17052026?
vaccine-bcg = BCG: { $day }
vaccine-opv-0 = OPV 0: { $day }
vaccine-penta-1 = Penta 1: { $day }
vaccine-pcv-1 = PCV 1: { $day }
vaccine-opv-1 = OPV 1: { $day }
vaccine-rota-1 = Rota 1: { $day }
vaccine-penta-2 = Penta 2: { $day }
vaccine-pcv-2 = PCV 2: { $day }
vaccine-opv-2 = OPV 2: { $day }
vaccine-rota-2 = Rota 2: { $day }
vaccine-penta-3 = Penta 3: { $day }
vaccine-pcv-3 = PCV 3: { $day }
vaccine-opv-3 = OPV 3: { $day }
vaccine-ipv-1 = IPV: { $day }
vaccine-mr-1 = MR 1: { $day }
vaccine-vitamin-a = Vitamini A: { $day }
vaccine-mr-2 = MR 2: { $day }

referral-new = Mpe mtu rufaa
referral-outcome = Matokeo ya rufaa
facility = { $who }: rufaa kwenda wapi?
reason = Kwa nini?
reason-danger = Dalili ya hatari
reason-birth = Kujifungua
reason-child = Mtoto mgonjwa
reason-other = Sababu nyingine
referred = Rufaa ya { $who } imehifadhiwa. Baada ya siku 3 utaulizwa matokeo.
no-referral = Hakuna rufaa ya { $who } hapa.
outcome = { $who }: matokeo ya rufaa?
outcome-home = Amehudumiwa, amerudi
outcome-stays = Bado yuko huko
outcome-not-gone = Hakwenda

exit-reason = { $who }: kumetokea nini?
exit-moved = Amehama
exit-died = Amefariki
exit-refused = Hataki huduma tena
exit-sure = { $who }: hakuna kitakachopangwa tena. Hifadhi?
gone = { $who }: imehifadhiwa. Hakuna kilichopangwa tena. Mtoto aliyeondoka pia ana namba yake.

tasks = Kazi zako ({ $tasks_late } zimechelewa). Ipi?
no-task = Hakuna kazi katika siku 7 zijazo.
task-visit = { $who }: ziara { $day }
task-vaccines = { $who }: chanjo { $day }
task-referral = { $who }: matokeo ya rufaa
task-waiting = { $who }: anaomba kusajiliwa
waiting = { $who } ameomba kusajiliwa. Jina lake la ukoo?
waiting-no = Si kweli
entries = Waliosajiliwa leo: { $registrations }. Ingizo lipi?
no-entry = Hujaingiza chochote leo.
entry-what = { $who }: ufanye nini na ingizo?
entry-withdraw = Liondoe
entry-correct = Liondoe, ingiza upya
entry-leave = Liache
withdrawn = Limeondolewa. Halihesabiwi tena.
enter-anew = Imeondolewa. Tafadhali piga tena na uwasajili upya.
ask-supervisor = Kuzaliwa hakuwezi kuingizwa upya hapa. Tafadhali mwambie msimamizi wako.
menu-entries = Nilichoingiza leo
menu-hand-over = Kabidhi watu wangu
colleague = Namba ya simu ya mhudumu anayechukua watu wako?
hand-over-sure = Umkabidhi { $colleague } watu wako wote?
handed-over = Watu { $count } sasa wako na { $to }.

event-pre-registration = Ombi la kusajiliwa
event-agreed = Ridhaa
event-pregnancy = Ujauzito
event-birth = Kuzaliwa
event-visit = Ziara
event-immunisation = Chanjo
event-referral = Rufaa
event-outcome = Matokeo ya rufaa
event-exit = Ameondoka

menu-due = Yanayotusubiri
menu-pre-register = Nisajili
unknown = Simu hii haijasajiliwa bado. Chagua Nisajili, au muulize mhudumu wa afya.
nothing-due = Hakuna kinachokusubiri sasa.
due-title = Yanayosubiri:
due-line = { $due }
already-known = Simu hii inajulikana hapa tayari. Tafadhali muulize mhudumu wako wa afya.
own-name = Jina lako la kwanza?
expected-month = Unatarajia kujifungua lini? Mwezi kama 092026
own-village = Kijiji chako?
own-refused = Hakuna kilichohifadhiwa. Utapata huduma kama awali.
pre-registered = Asante. Mhudumu wa afya atakutembelea. Namba yako ni { $person }. Tafadhali iandike.
remind-clinic = Kumbusho: unatarajiwa kituoni tarehe { $day }. Kama huwezi kuja, tafadhali muulize mhudumu wa afya.
sms-waiting = Mtu anaomba kusajiliwa. Tafadhali piga kodi ya huduma na uchague Kazi za kufanya.
